//! `config.json` of the T5 family.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::family::{DECODER, ENCODER, FAMILY, GATED_DECODER, GATED_ENCODER, IGNORED, MODULES, RELATIVE};
use crate::error::Result;
use crate::model::configuration::{activation, refuse_zeros};
use crate::model::family::Family;
use crate::model::peft::Module;
use crate::model::seq2seq::{
    PositionTable, Seq2SeqDescription, Seq2SeqFamily, SideDescription, configuration, decoder_start, is_of,
};
use crate::tensor::Activation;
use crate::transformer::{Biases, BlockSettings, Deviations, Direction, FeedForward, NormKind, NormPlace, Positions};

/// The configuration of a T5 model; what it does not name is kept as it was read.
///
/// Source: `transformers.T5Config`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct T5Config {
    /// Ids of the vocabulary.
    pub vocab_size: usize,
    /// Numbers for each token.
    pub d_model: usize,
    /// Numbers for each token inside of an attention head.
    pub d_kv: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub d_ff: usize,
    /// Blocks of the encoder.
    pub num_layers: usize,
    /// Blocks of the decoder; as many as of the encoder if left out.
    pub num_decoder_layers: Option<usize>,
    /// Attention heads of a block.
    pub num_heads: usize,
    /// Rows of the table of relative positions.
    pub relative_attention_num_buckets: usize,
    /// From this distance on all share the last row.
    pub relative_attention_max_distance: usize,
    /// Dropout of everything.
    pub dropout_rate: f64,
    /// Added to the mean square in norms.
    pub layer_norm_epsilon: f64,
    /// What the deviations of fresh weights are multiplied with.
    pub initializer_factor: f64,
    /// The feed-forward layers: an activation, or `gated-` and an activation. `gated-gelu` means `gated-gelu_new`.
    pub feed_forward_proj: String,
    /// Whether the head is the table of words; a file whose head differs from it has its own all the same. If so, rows
    /// are multiplied with `d_model^-0.5` before the head, unless [`scale_decoder_outputs`](Self::scale_decoder_outputs)
    /// says otherwise.
    pub tie_word_embeddings: bool,
    /// Whether rows are multiplied with `d_model^-0.5` before the head; follows from
    /// [`tie_word_embeddings`](Self::tie_word_embeddings) if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_decoder_outputs: Option<bool>,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// The first id that the decoder reads; that of padding if left out.
    pub decoder_start_token_id: Option<u32>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for T5Config {
    fn default() -> Self {
        let other = [("eos_token_id", Value::from(1)), ("is_encoder_decoder", Value::from(true))];
        Self {
            vocab_size: 32128,
            d_model: 512,
            d_kv: 64,
            d_ff: 2048,
            num_layers: 6,
            num_decoder_layers: None,
            num_heads: 8,
            relative_attention_num_buckets: 32,
            relative_attention_max_distance: 128,
            dropout_rate: 0.1,
            layer_norm_epsilon: 1e-6,
            initializer_factor: 1.0,
            feed_forward_proj: "relu".to_owned(),
            tie_word_embeddings: true,
            scale_decoder_outputs: None,
            pad_token_id: Some(0),
            decoder_start_token_id: Some(0),
            other: other.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        }
    }
}

impl T5Config {
    /// The settings of every block of the encoder.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for feed-forward layers that are not known, or a size of 0.
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
        self.check()?;
        let (feed_forward, activation) = self.feed_forward()?;
        Ok(BlockSettings {
            hidden_size: self.d_model,
            attention_heads: self.num_heads,
            key_value_heads: self.num_heads,
            head_size: self.d_kv,
            intermediate_size: self.d_ff,
            feed_forward,
            activation,
            norm: NormKind::RmsNorm,
            norm_place: NormPlace::Before,
            norm_epsilon: self.layer_norm_epsilon,
            positions: Positions::Relative {
                buckets: self.relative_attention_num_buckets,
                longest_distance: self.relative_attention_max_distance,
            },
            direction,
            attention_scale: 1.0,
            biases: Biases::NONE,
            attention_dropout: self.dropout_rate,
            hidden_dropout: self.dropout_rate,
            inner_dropout: self.dropout_rate,
            initializer_range: self.deviation(1.0),
        })
    }

    /// Blocks of the decoder.
    pub fn decoder_layers(&self) -> usize {
        self.num_decoder_layers.unwrap_or(self.num_layers)
    }

    /// What rows are multiplied with before the head.
    fn output_scale(&self) -> Option<f64> {
        let scales = self.scale_decoder_outputs.unwrap_or(self.tie_word_embeddings);
        scales.then(|| (self.d_model as f64).powf(-0.5))
    }

    /// `initializer_factor / sqrt(d_model · more)`.
    fn deviation(&self, more: f64) -> f64 {
        self.initializer_factor / (self.d_model as f64 * more).sqrt()
    }

    /// The deviations of fresh weights, by the kind of layer.
    ///
    /// Source: `transformers` `T5PreTrainedModel._init_weights`.
    fn deviations(&self) -> Deviations {
        let of_outputs = |inputs: usize| self.initializer_factor / (inputs as f64).sqrt();
        Deviations {
            query: self.deviation(self.d_kv as f64),
            key_value: self.deviation(1.0),
            attention_output: of_outputs(self.num_heads * self.d_kv),
            feed_forward_in: self.deviation(1.0),
            feed_forward_out: of_outputs(self.d_ff),
        }
    }

    fn feed_forward(&self) -> Result<(FeedForward, Activation)> {
        let name = self.feed_forward_proj.as_str();
        let (feed_forward, by_name) = match name.strip_prefix("gated-") {
            // What the first gated models were trained with is the approximation by tanh.
            Some("gelu") => (FeedForward::Gated, "gelu_new"),
            Some(activation) => (FeedForward::Gated, activation),
            None => (FeedForward::Plain, name),
        };
        let activation = activation("feed_forward_proj", by_name)?;
        Ok((feed_forward, activation))
    }

    fn side(&self, direction: Direction, blocks: usize) -> Result<SideDescription> {
        let block = self.block(direction)?;
        let names = match (direction, block.feed_forward) {
            (Direction::Bidirectional, FeedForward::Plain) => &ENCODER,
            (Direction::Bidirectional, FeedForward::Gated) => &GATED_ENCODER,
            (Direction::Causal, FeedForward::Plain) => &DECODER,
            (Direction::Causal, FeedForward::Gated) => &GATED_DECODER,
        };
        Ok(SideDescription {
            names,
            block,
            blocks,
            deviations: Some(self.deviations()),
            words: "shared",
            vocabulary: self.vocab_size,
            words_deviation: self.initializer_factor,
            scale: None,
            padding: None,
            positions: PositionTable::Relative { table: RELATIVE },
            position_limit: None,
        })
    }

    fn check(&self) -> Result<()> {
        is_of(&self.other, &FAMILY)?;
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("d_model", self.d_model),
            ("d_kv", self.d_kv),
            ("d_ff", self.d_ff),
            ("num_heads", self.num_heads),
            ("num_layers", self.num_layers),
            ("num_decoder_layers", self.decoder_layers()),
        ];
        refuse_zeros(&sizes)
    }
}

impl Seq2SeqFamily for T5Config {
    const FAMILY: Option<&'static Family> = Some(&FAMILY);
    const MODULES: &'static [Module<'static>] = MODULES;

    fn description(&self) -> Result<Seq2SeqDescription> {
        Ok(Seq2SeqDescription {
            prefix: "",
            encoder: self.side(Direction::Bidirectional, self.num_layers)?,
            decoder: self.side(Direction::Causal, self.decoder_layers())?,
            ties_embeddings: self.tie_word_embeddings,
            has_score_bias: false,
            output_scale: self.output_scale(),
            decoder_start: decoder_start(self.decoder_start_token_id, self.pad_token_id),
            ignored: IGNORED,
        })
    }

    fn configuration(&self) -> Option<Value> {
        configuration(self, &FAMILY, "T5ForConditionalGeneration")
    }
}
