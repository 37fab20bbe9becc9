//! What BERT, `RoBERTa` and ELECTRA have in common: the names of their parameters below the family's own, and most keys of
//! their `config.json`.

use crate::model::family::Size::{Embedding, Hidden, Intermediate, Positions, TokenTypes, Vocabulary};
use crate::model::family::{KnownTensor, Size};
use crate::transformer::BlockNames;

/// What stands in front of the number of a block.
pub(in crate::model) const BLOCKS: &str = "encoder.layer";

/// The parts of a block.
pub(in crate::model) const BLOCK: BlockNames = BlockNames {
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    feed_forward_gate: None,
    feed_forward_in: "intermediate.dense",
    feed_forward_out: "output.dense",
    output_norm: "output.LayerNorm",
};

/// A tensor of a model.
pub(in crate::model) const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}

/// The tensors of the encoder, and at last those of the layer over the first token that BERT has below the encoder's prefix.
pub(in crate::model) const TENSORS_WITH_POOLER: &[KnownTensor] = &[
    tensor("embeddings.word_embeddings.weight", &[Vocabulary, Embedding]),
    tensor("embeddings.position_embeddings.weight", &[Positions, Embedding]),
    tensor("embeddings.token_type_embeddings.weight", &[TokenTypes, Embedding]),
    tensor("embeddings.LayerNorm.weight", &[Embedding]),
    tensor("embeddings.LayerNorm.bias", &[Embedding]),
    tensor("encoder.layer.{}.attention.self.query.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.self.query.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.self.key.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.self.key.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.self.value.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.self.value.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.output.dense.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.output.dense.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.output.LayerNorm.weight", &[Hidden]),
    tensor("encoder.layer.{}.attention.output.LayerNorm.bias", &[Hidden]),
    tensor("encoder.layer.{}.intermediate.dense.weight", &[Intermediate, Hidden]),
    tensor("encoder.layer.{}.intermediate.dense.bias", &[Intermediate]),
    tensor("encoder.layer.{}.output.dense.weight", &[Hidden, Intermediate]),
    tensor("encoder.layer.{}.output.dense.bias", &[Hidden]),
    tensor("encoder.layer.{}.output.LayerNorm.weight", &[Hidden]),
    tensor("encoder.layer.{}.output.LayerNorm.bias", &[Hidden]),
    tensor("pooler.dense.weight", &[Hidden, Hidden]),
    tensor("pooler.dense.bias", &[Hidden]),
];

/// The tensors of the encoder.
pub(in crate::model) const TENSORS: &[KnownTensor] = TENSORS_WITH_POOLER.split_at(TENSORS_WITH_POOLER.len() - 2).0;

/// The modules of a model whose encoder stands below the prefix, and more.
macro_rules! bert_like_modules {
    ($prefix:literal, $($more:expr),* $(,)?) => {
        &[
            Module::other(concat!($prefix, ".embeddings.word_embeddings")),
            Module::other(concat!($prefix, ".embeddings.position_embeddings")),
            Module::other(concat!($prefix, ".embeddings.token_type_embeddings")),
            Module::other(concat!($prefix, ".embeddings.LayerNorm")),
            Module::usual_target(concat!($prefix, ".encoder.layer.#.attention.self.query")),
            Module::linear(concat!($prefix, ".encoder.layer.#.attention.self.key")),
            Module::usual_target(concat!($prefix, ".encoder.layer.#.attention.self.value")),
            Module::linear(concat!($prefix, ".encoder.layer.#.attention.output.dense")),
            Module::other(concat!($prefix, ".encoder.layer.#.attention.output.LayerNorm")),
            Module::linear(concat!($prefix, ".encoder.layer.#.intermediate.dense")),
            Module::linear(concat!($prefix, ".encoder.layer.#.output.dense")),
            Module::other(concat!($prefix, ".encoder.layer.#.output.LayerNorm")),
            $($more),*
        ]
    };
}

/// The configuration of a family: its fields and their defaults.
macro_rules! bert_like_config {
    (
        $(#[$doc:meta])*
        $name:ident of $family:path {
            $($key:ident: $default:expr,)+
            $(; $($(#[$own_doc:meta])* $own:ident = $own_default:expr,)+)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            /// Ids of the vocabulary.
            pub vocab_size: usize,
            $($($(#[$own_doc])* pub $own: usize,)+)?
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
            /// Rows of the table of positions.
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
            pub other: ::serde_json::Map<String, ::serde_json::Value>,
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($key: $default,)+
                    $($($own: $own_default,)+)?
                    hidden_act: "gelu".to_owned(),
                    hidden_dropout_prob: 0.1,
                    attention_probs_dropout_prob: 0.1,
                    classifier_dropout: None,
                    type_vocab_size: 2,
                    max_position_embeddings: 512,
                    num_hidden_layers: 12,
                    initializer_range: 0.02,
                    layer_norm_eps: 1e-12,
                    other: ::serde_json::Map::new(),
                }
            }
        }

        impl $name {
            /// What every encoder with these keys is built from.
            fn like_bert(&self) -> $crate::error::Result<$crate::model::encoder::EncoderSettings> {
                use $crate::model::configuration;
                use $crate::model::encoder::settings;
                settings::refuse_another_architecture(&self.other, &$family)?;
                configuration::refuse_zeros(&[
                    ("vocab_size", self.vocab_size),
                    ("hidden_size", self.hidden_size),
                    ("num_hidden_layers", self.num_hidden_layers),
                    ("intermediate_size", self.intermediate_size),
                    ("max_position_embeddings", self.max_position_embeddings),
                    ("type_vocab_size", self.type_vocab_size),
                ])?;
                let block = settings::post_norm_block(&settings::PostNormBlock {
                    hidden_size: self.hidden_size,
                    attention_heads: self.num_attention_heads,
                    intermediate_size: self.intermediate_size,
                    activation: configuration::activation("hidden_act", &self.hidden_act)?,
                    norm_epsilon: self.layer_norm_eps,
                    attention_dropout: self.attention_probs_dropout_prob,
                    hidden_dropout: self.hidden_dropout_prob,
                    initializer_range: self.initializer_range,
                })?;
                let dropout = self.classifier_dropout.unwrap_or(self.hidden_dropout_prob);
                Ok($crate::model::encoder::EncoderSettings {
                    blocks: self.num_hidden_layers,
                    vocabulary: self.vocab_size,
                    embedding_size: self.hidden_size,
                    positions: self.max_position_embeddings,
                    positions_after: None,
                    token_types: self.type_vocab_size,
                    drops_attention_output: true,
                    sequence_dropout: dropout,
                    token_dropout: dropout,
                    masked_activation: $crate::tensor::Activation::Gelu,
                    ties_embeddings: settings::ties_embeddings(&self.other),
                    block,
                })
            }
        }
    };
}

pub(in crate::model) use {bert_like_config, bert_like_modules};
