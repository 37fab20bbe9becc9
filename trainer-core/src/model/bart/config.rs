//! `config.json` of the BART family.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::family::{DECODER, ENCODER, FAMILY, IGNORED, MODULES};
use crate::error::{ErrorKind, Result};
use crate::model::configuration::{activation, refuse_zeros};
use crate::model::family::Family;
use crate::model::peft::Module;
use crate::model::seen::accepted;
use crate::model::seq2seq::{
    PositionTable, Seq2SeqDescription, Seq2SeqFamily, SideDescription, SideNames, configuration, decoder_start, is_of,
};
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
        is_of(&self.other, &FAMILY)?;
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

    /// What both sides are built from, with learned positions and one table of words.
    pub(in crate::model) fn description_of_any(&self) -> Result<Seq2SeqDescription> {
        let side = |names: &'static SideNames, direction, blocks| -> Result<SideDescription> {
            Ok(SideDescription {
                names,
                block: self.block_of_any(direction)?,
                blocks,
                deviations: None,
                words: "shared",
                vocabulary: self.vocab_size,
                words_deviation: self.init_std,
                scale: self.scale_embedding.then(|| (self.d_model as f64).sqrt()),
                padding: self.pad_token_id,
                positions: PositionTable::Learned { table: "embed_positions", norm: "layernorm_embedding" },
                position_limit: Some(self.max_position_embeddings),
            })
        };
        Ok(Seq2SeqDescription {
            prefix: "model.",
            encoder: side(&ENCODER, Direction::Bidirectional, self.encoder_layers)?,
            decoder: side(&DECODER, Direction::Causal, self.decoder_layers)?,
            ties_embeddings: self.tie_word_embeddings,
            has_score_bias: true,
            output_scale: None,
            decoder_start: decoder_start(self.decoder_start_token_id, self.pad_token_id),
            ignored: IGNORED,
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

impl Seq2SeqFamily for BartConfig {
    const FAMILY: Option<&'static Family> = Some(&FAMILY);
    const MODULES: &'static [Module<'static>] = MODULES;

    fn description(&self) -> Result<Seq2SeqDescription> {
        is_of(&self.other, &FAMILY)?;
        self.description_of_any()
    }

    fn configuration(&self) -> Option<Value> {
        configuration(self, &FAMILY, "BartForConditionalGeneration")
    }
}
