//! `config.json` of the GPT-2 family.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{FAMILY, MODULES, NAMES};
use crate::error::{Error, ErrorKind, Result};
use crate::model::causal::{CausalDescription, CausalFamily, activation, refuse_another_type, refuse_zeros};
use crate::model::family::Family;
use crate::model::peft::Module;
use crate::model::seen::accepted;
use crate::transformer::{
    Biases, BlockSettings, Deviations, Direction, FeedForward, NormKind, NormPlace, Positions,
    heads_share_the_hidden_size,
};

/// The configuration of a GPT-2 model; what it does not name is kept as it was read.
///
/// Source: `transformers.GPT2Config`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GPT2Config {
    /// `gpt2`.
    pub model_type: String,
    /// Ids of the vocabulary.
    pub vocab_size: usize,
    /// The longest text, in tokens.
    pub n_positions: usize,
    /// Numbers for each token.
    pub n_embd: usize,
    /// Blocks.
    pub n_layer: usize,
    /// Attention heads of a block.
    pub n_head: usize,
    /// Numbers for each token inside of the feed-forward layers; `4 * n_embd` if left out.
    pub n_inner: Option<usize>,
    /// The activation between the feed-forward layers: `gelu`, `gelu_new`, `gelu_pytorch_tanh`, `relu`, `silu`.
    pub activation_function: String,
    /// Dropout of what attention and the feed-forward layers add.
    pub resid_pdrop: f64,
    /// Dropout of the embeddings.
    pub embd_pdrop: f64,
    /// Dropout of attention's probabilities.
    pub attn_pdrop: f64,
    /// Added to the variance in norms.
    pub layer_norm_epsilon: f64,
    /// Deviation of fresh weights.
    pub initializer_range: f64,
    /// Whether scores of attention are divided by the root of a head's size.
    pub scale_attn_weights: bool,
    /// Whether they are also divided by the number of the block, from 1.
    pub scale_attn_by_inverse_layer_idx: bool,
    /// Whether the head multiplies with the table of words.
    pub tie_word_embeddings: bool,
    /// The id that begins a text.
    pub bos_token_id: Option<u32>,
    /// The id, or the ids, that end a text.
    pub eos_token_id: Option<Value>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for GPT2Config {
    fn default() -> Self {
        Self {
            model_type: "gpt2".to_owned(),
            vocab_size: 50257,
            n_positions: 1024,
            n_embd: 768,
            n_layer: 12,
            n_head: 12,
            n_inner: None,
            activation_function: "gelu_new".to_owned(),
            resid_pdrop: 0.1,
            embd_pdrop: 0.1,
            attn_pdrop: 0.1,
            layer_norm_epsilon: 1e-5,
            initializer_range: 0.02,
            scale_attn_weights: true,
            scale_attn_by_inverse_layer_idx: false,
            tie_word_embeddings: true,
            bos_token_id: Some(50256),
            eos_token_id: Some(json!(50256)),
            other: Map::new(),
        }
    }
}

impl GPT2Config {
    /// The settings of the block of this index, from 0.
    fn block(&self, index: usize) -> Result<BlockSettings> {
        let head_size = self.n_embd / self.n_head;
        let scale = if self.scale_attn_weights { 1.0 / (head_size as f64).sqrt() } else { 1.0 };
        let of_block = if self.scale_attn_by_inverse_layer_idx { index as f64 + 1.0 } else { 1.0 };
        Ok(BlockSettings {
            hidden_size: self.n_embd,
            attention_heads: self.n_head,
            key_value_heads: self.n_head,
            head_size,
            intermediate_size: self.n_inner.unwrap_or(4 * self.n_embd),
            feed_forward: FeedForward::Plain,
            activation: activation("activation_function", &self.activation_function)?,
            norm: NormKind::LayerNorm,
            norm_place: NormPlace::Before,
            norm_epsilon: self.layer_norm_epsilon,
            positions: Positions::Embedded,
            direction: Direction::Causal,
            attention_scale: scale / of_block,
            biases: Biases::ALL,
            attention_dropout: self.attn_pdrop,
            hidden_dropout: self.resid_pdrop,
            inner_dropout: 0.0,
            initializer_range: self.initializer_range,
        })
    }
}

impl CausalFamily for GPT2Config {
    const FAMILY: Option<&'static Family> = Some(&FAMILY);
    const MODULES: &'static [Module<'static>] = MODULES;

    fn description(&self) -> Result<CausalDescription> {
        refuse_another_type(&self.model_type, &["gpt2"])?;
        if self.other.get("add_cross_attention").and_then(Value::as_bool) == Some(true) {
            let message = "`add_cross_attention` is true, but this model reads one text alone";
            return Err(Error::new(ErrorKind::Model, message));
        }
        refuse_zeros(&[
            ("vocab_size", self.vocab_size),
            ("n_positions", self.n_positions),
            ("n_embd", self.n_embd),
            ("n_layer", self.n_layer),
            ("n_inner", self.n_inner.unwrap_or(1)),
        ])?;
        accepted(heads_share_the_hidden_size(self.n_embd, self.n_head), ErrorKind::Model)?;
        let all = Deviations::all(self.initializer_range);
        // What blocks add is drawn smaller, so that their sum does not grow with their number.
        let added = self.initializer_range / (2.0 * self.n_layer as f64).sqrt();
        Ok(CausalDescription {
            names: &NAMES,
            blocks: (0..self.n_layer).map(|index| self.block(index)).collect::<Result<_>>()?,
            hidden_size: self.n_embd,
            vocabulary: self.vocab_size,
            positions: self.n_positions,
            ties_embeddings: self.tie_word_embeddings,
            embedding_dropout: self.embd_pdrop,
            deviations: Some(Deviations { attention_output: added, feed_forward_out: added, ..all }),
        })
    }

    fn configuration(&self) -> Option<Value> {
        let mut config = serde_json::to_value(self).ok()?;
        config["architectures"] = json!(["GPT2LMHeadModel"]);
        config["dtype"] = json!("float32");
        Some(config)
    }
}
