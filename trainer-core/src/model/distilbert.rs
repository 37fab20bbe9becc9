//! The `DistilBERT` family: its configuration, and what it calls its parts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::configuration;
use super::encoder::bert_like::tensor;
use super::encoder::{
    EncoderConfig, EncoderFamily, EncoderModel, EncoderNames, EncoderSettings, ForMaskedLM, ForSequenceClassification,
    ForTokenClassification, MaskedHead, SequenceHead, Squash, TokenHead, settings,
};
use super::family::Size::{Hidden, Intermediate, Positions, Vocabulary};
use super::family::{Family, KnownTensor, Size, Sizes};
use super::peft::Module;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::Activation;
use crate::transformer::BlockNames;

/// `DistilBERT` without a head.
pub type DistilBertModel = EncoderModel<DistilBert>;
/// `DistilBERT` with a head of two layers over the first token, for classes or numbers: see [`ForSequenceClassification`].
pub type DistilBertForSequenceClassification<L> = ForSequenceClassification<DistilBert, L>;
/// `DistilBERT` with a linear head over every token, for the classes of words: see [`ForTokenClassification`].
pub type DistilBertForTokenClassification<T> = ForTokenClassification<DistilBert, T>;
/// `DistilBERT` with a head over the vocabulary, for masked tokens: see [`ForMaskedLM`].
pub type DistilBertForMaskedLM = ForMaskedLM<DistilBert>;

/// The configuration of a `DistilBERT` model; what it does not name is kept as it was read.
///
/// Source: `transformers.DistilBertConfig`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DistilBertConfig {
    /// Ids of the vocabulary.
    pub vocab_size: usize,
    /// Numbers for each token.
    pub dim: usize,
    /// Blocks.
    pub n_layers: usize,
    /// Attention heads of a block.
    pub n_heads: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub hidden_dim: usize,
    /// The activation between the feed-forward layers, and of the head over the vocabulary: `gelu`, `gelu_new`,
    /// `gelu_pytorch_tanh`, `relu`, `silu`.
    pub activation: String,
    /// Dropout of embeddings, of what the feed-forward layers add, and before the head over tokens.
    pub dropout: f64,
    /// Dropout of attention's probabilities.
    pub attention_dropout: f64,
    /// Dropout before the head over whole texts.
    pub seq_classif_dropout: f64,
    /// The longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// Deviation of fresh weights.
    pub initializer_range: f64,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for DistilBertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30522,
            dim: 768,
            n_layers: 6,
            n_heads: 12,
            hidden_dim: 3072,
            activation: "gelu".to_owned(),
            dropout: 0.1,
            attention_dropout: 0.1,
            seq_classif_dropout: 0.2,
            max_position_embeddings: 512,
            initializer_range: 0.02,
            pad_token_id: Some(0),
            other: Map::new(),
        }
    }
}

/// What is added to the variance in norms, which no configuration says.
const NORM_EPSILON: f64 = 1e-12;

impl EncoderConfig for DistilBertConfig {
    fn settings(&self) -> Result<EncoderSettings> {
        settings::refuse_another_architecture(&self.other, &FAMILY)?;
        if self.other.get("sinusoidal_pos_embds").and_then(Value::as_bool) == Some(true) {
            let message = "`sinusoidal_pos_embds` is true; only positions that are learnt are known here";
            return Err(Error::new(ErrorKind::Model, message));
        }
        configuration::refuse_zeros(&[
            ("vocab_size", self.vocab_size),
            ("dim", self.dim),
            ("n_layers", self.n_layers),
            ("hidden_dim", self.hidden_dim),
            ("max_position_embeddings", self.max_position_embeddings),
        ])?;
        if self.n_heads == 0 || !self.dim.is_multiple_of(self.n_heads) {
            let message = format!("`dim` is {}, which {} attention heads cannot share equally", self.dim, self.n_heads);
            return Err(Error::new(ErrorKind::Model, message).help("take a multiple of `n_heads`"));
        }
        let activation = configuration::activation("activation", &self.activation)?;
        Ok(EncoderSettings {
            block: settings::post_norm_block(&settings::PostNormBlock {
                hidden_size: self.dim,
                attention_heads: self.n_heads,
                intermediate_size: self.hidden_dim,
                activation,
                norm_epsilon: NORM_EPSILON,
                attention_dropout: self.attention_dropout,
                hidden_dropout: self.dropout,
                initializer_range: self.initializer_range,
            })?,
            blocks: self.n_layers,
            vocabulary: self.vocab_size,
            embedding_size: self.dim,
            positions: self.max_position_embeddings,
            positions_after: None,
            token_types: 0,
            drops_attention_output: false,
            sequence_dropout: self.seq_classif_dropout,
            token_dropout: self.dropout,
            masked_activation: activation,
            ties_embeddings: settings::ties_embeddings(&self.other),
        })
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }
}

/// The modules of the encoder, and those of a head.
macro_rules! modules {
    ($($head:expr),* $(,)?) => {
        &[
            Module::other("distilbert.embeddings.word_embeddings"),
            Module::other("distilbert.embeddings.position_embeddings"),
            Module::other("distilbert.embeddings.LayerNorm"),
            Module::usual_target("distilbert.transformer.layer.#.attention.q_lin"),
            Module::linear("distilbert.transformer.layer.#.attention.k_lin"),
            Module::usual_target("distilbert.transformer.layer.#.attention.v_lin"),
            Module::linear("distilbert.transformer.layer.#.attention.out_lin"),
            Module::other("distilbert.transformer.layer.#.sa_layer_norm"),
            Module::linear("distilbert.transformer.layer.#.ffn.lin1"),
            Module::linear("distilbert.transformer.layer.#.ffn.lin2"),
            Module::other("distilbert.transformer.layer.#.output_layer_norm"),
            $($head),*
        ]
    };
}

/// The family of `DistilBERT` models.
#[derive(Debug)]
pub enum DistilBert {}

impl EncoderFamily for DistilBert {
    type Config = DistilBertConfig;
    const NAMES: EncoderNames = EncoderNames {
        prefix: "distilbert",
        blocks: "transformer.layer",
        block: BlockNames {
            query: "attention.q_lin",
            key: "attention.k_lin",
            value: "attention.v_lin",
            attention_output: "attention.out_lin",
            attention_norm: "sa_layer_norm",
            feed_forward_gate: None,
            feed_forward_in: "ffn.lin1",
            feed_forward_out: "ffn.lin2",
            output_norm: "output_layer_norm",
        },
    };
    const CLASSES: &'static [(&'static str, &'static str)] = &[("distilbert", "DistilBert")];
    const SEQUENCE: SequenceHead = SequenceHead {
        family: &FAMILY,
        modules: modules!(Module::head("pre_classifier"), Module::head("classifier")),
        names: &["pre_classifier.", "classifier."],
        drawn: &["pre_classifier.weight", "classifier.weight"],
        dense: "pre_classifier",
        squash: Squash::By(Activation::Relu),
        drops_first: false,
        output: "classifier",
    };
    const TOKENS: TokenHead = TokenHead {
        family: &Family { head_tensors: &[], other_heads: &["vocab_", "pre_classifier.", "qa_outputs."], ..FAMILY },
        modules: modules!(Module::head("classifier")),
    };
    const MASKED: MaskedHead = MaskedHead {
        family: &Family {
            head: "vocab_",
            head_tensors: &[
                tensor("vocab_transform.weight", &[Hidden, Hidden]),
                tensor("vocab_transform.bias", &[Hidden]),
                tensor("vocab_layer_norm.weight", &[Hidden]),
                tensor("vocab_layer_norm.bias", &[Hidden]),
                tensor("vocab_projector.bias", &[Vocabulary]),
            ],
            other_heads: &["pre_classifier.", "classifier.", "qa_outputs."],
            ..FAMILY
        },
        modules: modules!(
            Module::linear("vocab_transform"),
            Module::other("vocab_layer_norm"),
            Module::other("vocab_projector"),
        ),
        names: &["vocab_"],
        dense: "vocab_transform",
        norm: "vocab_layer_norm",
        bias: "vocab_projector",
        decoder: "vocab_projector",
    };
}

/// The `DistilBERT` family, with a head over whole texts.
///
/// Source: `transformers.DistilBertModel` and `transformers.DistilBertConfig`.
pub const FAMILY: Family = Family {
    name: "DistilBERT",
    model_type: "distilbert",
    defaults: Sizes {
        vocab_size: Some(30522),
        hidden_size: Some(768),
        num_hidden_layers: Some(6),
        num_attention_heads: Some(12),
        intermediate_size: Some(3072),
        max_position_embeddings: Some(512),
        ..Sizes::NONE
    },
    keys: &[(Hidden, "dim"), (Size::Blocks, "n_layers"), (Size::Heads, "n_heads"), (Intermediate, "hidden_dim")],
    prefix: "distilbert.",
    tensors: TENSORS,
    head: "classifier.",
    head_tensors: &[tensor("pre_classifier.weight", &[Hidden, Hidden]), tensor("pre_classifier.bias", &[Hidden])],
    other_heads: &["vocab_", "qa_outputs."],
    ..Family::EMPTY
};

const TENSORS: &[KnownTensor] = &[
    tensor("embeddings.word_embeddings.weight", &[Vocabulary, Hidden]),
    tensor("embeddings.position_embeddings.weight", &[Positions, Hidden]),
    tensor("embeddings.LayerNorm.weight", &[Hidden]),
    tensor("embeddings.LayerNorm.bias", &[Hidden]),
    tensor("transformer.layer.{}.attention.q_lin.weight", &[Hidden, Hidden]),
    tensor("transformer.layer.{}.attention.q_lin.bias", &[Hidden]),
    tensor("transformer.layer.{}.attention.k_lin.weight", &[Hidden, Hidden]),
    tensor("transformer.layer.{}.attention.k_lin.bias", &[Hidden]),
    tensor("transformer.layer.{}.attention.v_lin.weight", &[Hidden, Hidden]),
    tensor("transformer.layer.{}.attention.v_lin.bias", &[Hidden]),
    tensor("transformer.layer.{}.attention.out_lin.weight", &[Hidden, Hidden]),
    tensor("transformer.layer.{}.attention.out_lin.bias", &[Hidden]),
    tensor("transformer.layer.{}.sa_layer_norm.weight", &[Hidden]),
    tensor("transformer.layer.{}.sa_layer_norm.bias", &[Hidden]),
    tensor("transformer.layer.{}.ffn.lin1.weight", &[Intermediate, Hidden]),
    tensor("transformer.layer.{}.ffn.lin1.bias", &[Intermediate]),
    tensor("transformer.layer.{}.ffn.lin2.weight", &[Hidden, Intermediate]),
    tensor("transformer.layer.{}.ffn.lin2.bias", &[Hidden]),
    tensor("transformer.layer.{}.output_layer_norm.weight", &[Hidden]),
    tensor("transformer.layer.{}.output_layer_norm.bias", &[Hidden]),
];
