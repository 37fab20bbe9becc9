//! `config.json` of the Llama family.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::rope::RopeParameters;
use super::{FAMILY, MODULES, NAMES};
use crate::error::{ErrorKind, Result};
use crate::model::causal::{CausalDescription, CausalFamily, activation, refuse_another_type, refuse_zeros};
use crate::model::family::Family;
use crate::model::peft::Module;
use crate::model::seen::accepted;
use crate::transformer::{
    Biases, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Positions, Rotary, heads_share_the_hidden_size,
};

/// The configuration of a Llama, Mistral or Qwen2 model, as `model_type` says; what it does not name is kept as it was read.
///
/// Rotary positions turn as they were first defined (`rope_type` "default"), or are scaled as "linear" and "llama3" say; other
/// kinds are refused. Where only the last tokens are seen (`sliding_window`), texts are at most as long as that, so that
/// nothing is hidden.
///
/// Source: `transformers.LlamaConfig`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LlamaConfig {
    /// Which of the models it is: `llama`, `mistral` or `qwen2`.
    pub model_type: String,
    /// Ids of the vocabulary.
    pub vocab_size: usize,
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// Blocks.
    pub num_hidden_layers: usize,
    /// Attention heads of a block.
    pub num_attention_heads: usize,
    /// Heads of keys and values; `num_attention_heads` if left out.
    pub num_key_value_heads: Option<usize>,
    /// Numbers for each token inside of a head; `hidden_size / num_attention_heads` if left out.
    pub head_dim: Option<usize>,
    /// The activation of the gate: `gelu`, `gelu_new`, `gelu_pytorch_tanh`, `relu`, `silu`.
    pub hidden_act: String,
    /// The longest text, in tokens.
    pub max_position_embeddings: usize,
    /// Deviation of fresh weights.
    pub initializer_range: f64,
    /// Added to the mean square in norms.
    pub rms_norm_eps: f64,
    /// Whether the head multiplies with the table of words.
    pub tie_word_embeddings: bool,
    /// Whether the layers of attention have a bias; in Qwen2 those to queries, keys and values always do.
    pub attention_bias: bool,
    /// Dropout of attention's probabilities.
    pub attention_dropout: f64,
    /// Whether the feed-forward layers have a bias.
    pub mlp_bias: bool,
    /// The base of rotary positions, where `rope_parameters` does not say it; 10 000 if neither does.
    pub rope_theta: Option<f64>,
    /// Rotary positions, as transformers 5 says them.
    pub rope_parameters: Option<RopeParameters>,
    /// Rotary positions that are scaled, as transformers 4 says them; where both are there, this counts.
    pub rope_scaling: Option<RopeParameters>,
    /// The last tokens that a token sees, if not all.
    pub sliding_window: Option<usize>,
    /// The id that begins a text.
    pub bos_token_id: Option<u32>,
    /// The id, or the ids, that end a text.
    pub eos_token_id: Option<Value>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for LlamaConfig {
    fn default() -> Self {
        Self {
            model_type: "llama".to_owned(),
            vocab_size: 32000,
            hidden_size: 4096,
            intermediate_size: 11008,
            num_hidden_layers: 32,
            num_attention_heads: 32,
            num_key_value_heads: None,
            head_dim: None,
            hidden_act: "silu".to_owned(),
            max_position_embeddings: 2048,
            initializer_range: 0.02,
            rms_norm_eps: 1e-6,
            tie_word_embeddings: false,
            attention_bias: false,
            attention_dropout: 0.0,
            mlp_bias: false,
            rope_theta: None,
            rope_parameters: None,
            rope_scaling: None,
            sliding_window: None,
            bos_token_id: Some(1),
            eos_token_id: Some(json!(2)),
            other: Map::new(),
        }
    }
}

/// The `model_type`s of the family, with the class that Python has for each.
const TYPES: [(&str, &str); 3] =
    [("llama", "LlamaForCausalLM"), ("mistral", "MistralForCausalLM"), ("qwen2", "Qwen2ForCausalLM")];

impl LlamaConfig {
    /// How rotary positions turn, and the key that says it.
    fn rope(&self) -> (&'static str, RopeParameters) {
        let said = [("rope_scaling", &self.rope_scaling), ("rope_parameters", &self.rope_parameters)];
        let nothing = RopeParameters::default();
        let said = said.into_iter().find_map(|(key, said)| Some((key, said.clone().filter(|said| *said != nothing)?)));
        let (key, mut parameters) = said.unwrap_or_default();
        parameters.rope_theta = parameters.rope_theta.or(self.rope_theta);
        parameters.take_positions(&self.other);
        (key, parameters)
    }

    fn rotary(&self) -> Result<Rotary> {
        let (key, parameters) = self.rope();
        parameters.rotary(key, self.max_position_embeddings)
    }

    /// The longest text of which every token sees all before it.
    fn positions(&self) -> usize {
        let is_used = match self.model_type.as_str() {
            "mistral" => true,
            "qwen2" => self.other.get("use_sliding_window").and_then(Value::as_bool) == Some(true),
            _ => false,
        };
        let window = self.sliding_window.filter(|_| is_used);
        window.map_or(self.max_position_embeddings, |window| window.min(self.max_position_embeddings))
    }

    fn block(&self) -> Result<BlockSettings> {
        let head_size = match self.head_dim {
            Some(size) => size,
            None => {
                let verdict = heads_share_the_hidden_size(self.hidden_size, self.num_attention_heads);
                accepted(verdict, ErrorKind::Model)?;
                self.hidden_size / self.num_attention_heads
            }
        };
        let biases = Biases {
            query_key_value: self.attention_bias || self.model_type == "qwen2",
            attention_output: self.attention_bias && self.model_type != "qwen2",
            feed_forward: self.mlp_bias,
        };
        Ok(BlockSettings {
            hidden_size: self.hidden_size,
            attention_heads: self.num_attention_heads,
            key_value_heads: self.num_key_value_heads.unwrap_or(self.num_attention_heads),
            head_size,
            intermediate_size: self.intermediate_size,
            feed_forward: FeedForward::Gated,
            activation: activation("hidden_act", &self.hidden_act)?,
            norm: NormKind::RmsNorm,
            norm_place: NormPlace::Before,
            norm_epsilon: self.rms_norm_eps,
            positions: Positions::Rotary(self.rotary()?),
            direction: Direction::Causal,
            attention_scale: 1.0 / (head_size as f64).sqrt(),
            biases,
            attention_dropout: self.attention_dropout,
            hidden_dropout: 0.0,
            inner_dropout: 0.0,
            initializer_range: self.initializer_range,
        })
    }

    fn check(&self) -> Result<()> {
        refuse_another_type(&self.model_type, &TYPES.map(|(model_type, _)| model_type))?;
        refuse_zeros(&[
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("max_position_embeddings", self.max_position_embeddings),
            ("head_dim", self.head_dim.unwrap_or(1)),
            ("sliding_window", self.sliding_window.unwrap_or(1)),
        ])
    }
}

impl CausalFamily for LlamaConfig {
    const FAMILY: Option<&'static Family> = Some(&FAMILY);
    const MODULES: &'static [Module<'static>] = MODULES;

    fn description(&self) -> Result<CausalDescription> {
        self.check()?;
        let block = self.block()?;
        block.check()?;
        Ok(CausalDescription {
            names: &NAMES,
            blocks: vec![block; self.num_hidden_layers],
            hidden_size: self.hidden_size,
            vocabulary: self.vocab_size,
            positions: self.positions(),
            ties_embeddings: self.tie_word_embeddings,
            embedding_dropout: 0.0,
            deviations: None,
        })
    }

    fn configuration(&self) -> Option<Value> {
        let mut config = serde_json::to_value(self).ok()?;
        let class = TYPES.iter().find(|(model_type, _)| *model_type == self.model_type);
        config["architectures"] = json!([class.map_or("LlamaForCausalLM", |(_, class)| *class)]);
        config["dtype"] = json!("float32");
        config["num_key_value_heads"] = json!(self.num_key_value_heads.unwrap_or(self.num_attention_heads));
        // transformers 5 reads the one, transformers 4 the other.
        let (_, rope) = self.rope();
        config["rope_theta"] = json!(rope.base());
        config["rope_parameters"] = rope.written(self.max_position_embeddings);
        config["rope_scaling"] = if rope.scaling().is_some() { config["rope_parameters"].clone() } else { Value::Null };
        if let Some(config) = config.as_object_mut() {
            config.retain(|key, value| !(value.is_null() && ["head_dim", "rope_scaling"].contains(&key.as_str())));
        }
        Some(config)
    }
}
