//! The tensors of the Llama family, by their names in Hugging Face's files.

use crate::model::family::Size::{self, Gathered, Hidden, Intermediate, KeyValue, Vocabulary};
use crate::model::family::{Family, KnownTensor, Sizes};
use crate::transformer::NormPlace;

/// The Llama family, with Mistral and Qwen2.
///
/// Source: `transformers.LlamaForCausalLM` and `transformers.LlamaConfig`.
pub const FAMILY: Family = Family {
    name: "Llama",
    model_type: "llama",
    other_model_types: &["mistral", "qwen2"],
    defaults: Sizes {
        vocab_size: Some(32000),
        hidden_size: Some(4096),
        num_hidden_layers: Some(32),
        num_attention_heads: Some(32),
        intermediate_size: Some(11008),
        max_position_embeddings: Some(2048),
        tie_word_embeddings: Some(false),
        ..Sizes::NONE
    },
    prefix: "model.",
    tensors: TENSORS,
    optional: BIASES,
    head: "lm_head.",
    own_head: &[tensor("lm_head.weight", &[Vocabulary, Hidden])],
    other_heads: &["score.", "classifier.", "qa_outputs."],
    norm_place: NormPlace::Before,
    ..Family::EMPTY
};

const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}

const TENSORS: &[KnownTensor] = &[
    tensor("embed_tokens.weight", &[Vocabulary, Hidden]),
    tensor("layers.{}.input_layernorm.weight", &[Hidden]),
    tensor("layers.{}.self_attn.q_proj.weight", &[Gathered, Hidden]),
    tensor("layers.{}.self_attn.k_proj.weight", &[KeyValue, Hidden]),
    tensor("layers.{}.self_attn.v_proj.weight", &[KeyValue, Hidden]),
    tensor("layers.{}.self_attn.o_proj.weight", &[Hidden, Gathered]),
    tensor("layers.{}.post_attention_layernorm.weight", &[Hidden]),
    tensor("layers.{}.mlp.gate_proj.weight", &[Intermediate, Hidden]),
    tensor("layers.{}.mlp.up_proj.weight", &[Intermediate, Hidden]),
    tensor("layers.{}.mlp.down_proj.weight", &[Hidden, Intermediate]),
    tensor("norm.weight", &[Hidden]),
];

/// Those of Qwen2, and of a Llama that asks for them.
const BIASES: &[KnownTensor] = &[
    tensor("layers.{}.self_attn.q_proj.bias", &[Gathered]),
    tensor("layers.{}.self_attn.k_proj.bias", &[KeyValue]),
    tensor("layers.{}.self_attn.v_proj.bias", &[KeyValue]),
    tensor("layers.{}.self_attn.o_proj.bias", &[Hidden]),
    tensor("layers.{}.mlp.gate_proj.bias", &[Intermediate]),
    tensor("layers.{}.mlp.up_proj.bias", &[Intermediate]),
    tensor("layers.{}.mlp.down_proj.bias", &[Hidden]),
];
