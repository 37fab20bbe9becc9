//! `config.json` of the BERT family.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::FAMILY;
use crate::error::{Error, ErrorKind, Result};
use crate::model::seen::{accepted, is_of_the_family};
use crate::tensor::Activation;
use crate::transformer::{
    Biases, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Positions, heads_share_the_hidden_size,
};

/// The configuration of a BERT model; what it does not name is kept as it was read.
///
/// Source: `transformers.BertConfig`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BertConfig {
    /// Ids of the vocabulary.
    pub vocab_size: usize,
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Blocks.
    pub num_hidden_layers: usize,
    /// Attention heads of a block.
    pub num_attention_heads: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// The activation between the feed-forward layers: `gelu`, `gelu_new`, `gelu_pytorch_tanh`, `relu`, `silu`.
    pub hidden_act: String,
    /// Dropout of embeddings, and of what attention and the feed-forward layers add.
    pub hidden_dropout_prob: f64,
    /// Dropout of attention's probabilities.
    pub attention_probs_dropout_prob: f64,
    /// Dropout before the head; `hidden_dropout_prob` if left out.
    pub classifier_dropout: Option<f64>,
    /// The longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// Kinds of segments: 2 for pairs.
    pub type_vocab_size: usize,
    /// Deviation of fresh weights.
    pub initializer_range: f64,
    /// Added to the variance in norms.
    pub layer_norm_eps: f64,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for BertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30522,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3072,
            hidden_act: "gelu".to_owned(),
            hidden_dropout_prob: 0.1,
            attention_probs_dropout_prob: 0.1,
            classifier_dropout: None,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            initializer_range: 0.02,
            layer_norm_eps: 1e-12,
            pad_token_id: Some(0),
            other: Map::new(),
        }
    }
}

impl BertConfig {
    /// The settings of every block.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for an activation that is not known, heads that do not share the hidden size equally, or a configuration of
    /// another architecture.
    pub fn block(&self) -> Result<BlockSettings> {
        self.check()?;
        accepted(heads_share_the_hidden_size(self.hidden_size, self.num_attention_heads), ErrorKind::Model)?;
        let head_size = self.hidden_size / self.num_attention_heads;
        Ok(BlockSettings {
            hidden_size: self.hidden_size,
            attention_heads: self.num_attention_heads,
            key_value_heads: self.num_attention_heads,
            head_size,
            intermediate_size: self.intermediate_size,
            feed_forward: FeedForward::Plain,
            activation: activation(&self.hidden_act)?,
            norm: NormKind::LayerNorm,
            norm_place: NormPlace::After,
            norm_epsilon: self.layer_norm_eps,
            positions: Positions::Embedded,
            direction: Direction::Bidirectional,
            attention_scale: 1.0 / (head_size as f64).sqrt(),
            biases: Biases::ALL,
            attention_dropout: self.attention_probs_dropout_prob,
            hidden_dropout: self.hidden_dropout_prob,
            inner_dropout: 0.0,
            initializer_range: self.initializer_range,
        })
    }

    fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::new(ErrorKind::Model, message));
        let model_type = self.other.get("model_type").and_then(Value::as_str);
        accepted(is_of_the_family(model_type, Some(&FAMILY)), ErrorKind::Model)?;
        if let Some(kind) = self.other.get("position_embedding_type").and_then(Value::as_str)
            && kind != "absolute"
        {
            return refuse(format!("`position_embedding_type` is \"{kind}\"; only \"absolute\" is known here"));
        }
        for key in ["is_decoder", "add_cross_attention"] {
            if self.other.get(key).and_then(Value::as_bool) == Some(true) {
                return refuse(format!("`{key}` is true, but this model is an encoder"));
            }
        }
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("intermediate_size", self.intermediate_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("type_vocab_size", self.type_vocab_size),
        ];
        match sizes.iter().find(|(_, size)| *size == 0) {
            Some((name, _)) => refuse(format!("`{name}` is 0, but must be at least 1")),
            None => Ok(()),
        }
    }

    /// The labels in the file, in order, unless they are only placeholders such as `LABEL_0`.
    pub fn labels(&self) -> Option<Vec<String>> {
        let named = self.other.get("id2label")?.as_object()?;
        let labels: Option<Vec<String>> =
            (0..named.len()).map(|id| named.get(&id.to_string())?.as_str().map(str::to_owned)).collect();
        labels.filter(|labels| !labels.iter().enumerate().all(|(id, label)| *label == format!("LABEL_{id}")))
    }
}

fn activation(name: &str) -> Result<Activation> {
    match name {
        "gelu" => Ok(Activation::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        "silu" | "swish" => Ok(Activation::Silu),
        other => Err(Error::new(ErrorKind::Model, format!("`hidden_act` is \"{other}\", which is not known"))
            .help("known are: gelu, gelu_new, gelu_pytorch_tanh, relu, silu")),
    }
}
