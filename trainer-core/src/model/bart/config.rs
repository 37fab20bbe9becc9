//! `config.json` of the BART family.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::encoder_decoder::Sides;
use super::stack::{PositionTable, SideSettings};
use crate::error::{Error, ErrorKind, Result};
use crate::model::configuration::{activation, refuse_zeros};
use crate::model::seen::accepted;
use crate::transformer::{
    Biases, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Positions, heads_share_the_hidden_size,
};

/// The configuration of a BART model; what it does not name is kept as it was read.
///
/// Source: `transformers.BartConfig`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BartConfig {
    /// Ids of the vocabulary.
    pub vocab_size: usize,
    /// The longest source, and the longest target, in tokens.
    pub max_position_embeddings: usize,
    /// Blocks of the encoder.
    pub encoder_layers: usize,
    /// Numbers for each token inside of the encoder's feed-forward layers.
    pub encoder_ffn_dim: usize,
    /// Attention heads of the encoder's blocks.
    pub encoder_attention_heads: usize,
    /// Blocks of the decoder.
    pub decoder_layers: usize,
    /// Numbers for each token inside of the decoder's feed-forward layers.
    pub decoder_ffn_dim: usize,
    /// Attention heads of the decoder's blocks.
    pub decoder_attention_heads: usize,
    /// The activation between the feed-forward layers: `gelu`, `gelu_new`, `relu`, `silu`, `swish`.
    pub activation_function: String,
    /// Numbers for each token.
    pub d_model: usize,
    /// Dropout of embeddings, and of what attention and the feed-forward layers add.
    pub dropout: f64,
    /// Dropout of attention's probabilities.
    pub attention_dropout: f64,
    /// Dropout inside of the feed-forward layers.
    pub activation_dropout: f64,
    /// Deviation of fresh weights.
    pub init_std: f64,
    /// Whether words are multiplied with `sqrt(d_model)`.
    pub scale_embedding: bool,
    /// Whether the head is the table of words; a file whose head differs from it has its own all the same.
    pub tie_word_embeddings: bool,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// The first id that the decoder reads; that of padding if left out.
    pub decoder_start_token_id: Option<u32>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The table of words that both sides share, below `model`.
pub(in crate::model) const TABLE: &str = "shared";

impl Default for BartConfig {
    fn default() -> Self {
        let ids = [("bos_token_id", 0), ("eos_token_id", 2), ("forced_eos_token_id", 2)];
        let ids = ids.into_iter().map(|(key, id)| (key.to_owned(), Value::from(id)));
        Self {
            vocab_size: 50265,
            max_position_embeddings: 1024,
            encoder_layers: 12,
            encoder_ffn_dim: 4096,
            encoder_attention_heads: 16,
            decoder_layers: 12,
            decoder_ffn_dim: 4096,
            decoder_attention_heads: 16,
            activation_function: "gelu".to_owned(),
            d_model: 1024,
            dropout: 0.1,
            attention_dropout: 0.0,
            activation_dropout: 0.0,
            init_std: 0.02,
            scale_embedding: false,
            tie_word_embeddings: true,
            pad_token_id: Some(1),
            decoder_start_token_id: Some(2),
            other: ids.chain([("is_encoder_decoder".to_owned(), Value::from(true))]).collect(),
        }
    }
}

impl BartConfig {
    /// The settings of every block of the encoder.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for an activation that is not known, heads that do not share the hidden size equally, a size of 0,
    /// or a configuration of another family.
    pub fn encoder_block(&self) -> Result<BlockSettings> {
        self.block(Direction::Bidirectional)
    }

    /// The settings of every block of the decoder.
    ///
    /// # Errors
    /// As [`encoder_block`](Self::encoder_block).
    pub fn decoder_block(&self) -> Result<BlockSettings> {
        self.block(Direction::Causal)
    }

    fn block(&self, direction: Direction) -> Result<BlockSettings> {
        is_of(&self.other, "bart", "BART")?;
        self.block_of_any(direction)
    }

    /// The settings of every block, whatever family the configuration says that it is of.
    pub(in crate::model) fn block_of_any(&self, direction: Direction) -> Result<BlockSettings> {
        self.check()?;
        let (heads, inner) = match direction {
            Direction::Bidirectional => (self.encoder_attention_heads, self.encoder_ffn_dim),
            Direction::Causal => (self.decoder_attention_heads, self.decoder_ffn_dim),
        };
        accepted(heads_share_the_hidden_size(self.d_model, heads), ErrorKind::Model)?;
        let head_size = self.d_model / heads;
        Ok(BlockSettings {
            hidden_size: self.d_model,
            attention_heads: heads,
            key_value_heads: heads,
            head_size,
            intermediate_size: inner,
            feed_forward: FeedForward::Plain,
            activation: activation("activation_function", &self.activation_function)?,
            norm: NormKind::LayerNorm,
            norm_place: NormPlace::After,
            norm_epsilon: 1e-5,
            positions: Positions::Embedded,
            direction,
            attention_scale: 1.0 / (head_size as f64).sqrt(),
            biases: Biases::ALL,
            attention_dropout: self.attention_dropout,
            hidden_dropout: self.dropout,
            inner_dropout: self.activation_dropout,
            initializer_range: self.init_std,
        })
    }

    /// Both sides of the model, with learned positions.
    pub(super) fn sides(&self) -> Result<Sides> {
        let side = |block, blocks| SideSettings {
            block,
            blocks,
            table: TABLE,
            vocabulary: self.vocab_size,
            positions: PositionTable::Learned,
            position_limit: self.max_position_embeddings,
            scale: self.scale_embedding.then(|| (self.d_model as f64).sqrt()),
            padding: self.pad_token_id,
        };
        Ok(Sides {
            encoder: side(self.encoder_block()?, self.encoder_layers),
            decoder: side(self.decoder_block()?, self.decoder_layers),
        })
    }

    fn check(&self) -> Result<()> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("encoder_layers", self.encoder_layers),
            ("encoder_ffn_dim", self.encoder_ffn_dim),
            ("encoder_attention_heads", self.encoder_attention_heads),
            ("decoder_layers", self.decoder_layers),
            ("decoder_ffn_dim", self.decoder_ffn_dim),
            ("decoder_attention_heads", self.decoder_attention_heads),
            ("d_model", self.d_model),
        ];
        refuse_zeros(&sizes)
    }
}

/// That the rest of a configuration names this family, or none.
pub(in crate::model) fn is_of(other: &Map<String, Value>, model_type: &str, family: &str) -> Result<()> {
    match other.get("model_type").and_then(Value::as_str) {
        Some(found) if found != model_type => {
            let message = format!("`model_type` is \"{found}\", but this model is \"{model_type}\"");
            Err(Error::new(ErrorKind::Model, message).help(format!("take a model of the {family} family")))
        }
        _ => Ok(()),
    }
}
