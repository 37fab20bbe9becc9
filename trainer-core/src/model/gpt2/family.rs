//! The tensors of the GPT-2 family, by their names and shapes in Hugging Face's files.

use crate::model::family::Size::{self, Hidden, Intermediate, Positions, ThreeHidden, Vocabulary};
use crate::model::family::{Family, KnownTensor, Sizes};
use crate::transformer::NormPlace;

/// The GPT-2 family. Files hold the weights of its blocks as `[inputs, outputs]`.
///
/// Source: `transformers.GPT2LMHeadModel` and `transformers.GPT2Config`.
pub const FAMILY: Family = Family {
    name: "GPT-2",
    model_type: "gpt2",
    defaults: Sizes {
        vocab_size: Some(50257),
        hidden_size: Some(768),
        num_hidden_layers: Some(12),
        num_attention_heads: Some(12),
        max_position_embeddings: Some(1024),
        tie_word_embeddings: Some(true),
        ..Sizes::NONE
    },
    prefix: "transformer.",
    tensors: TENSORS,
    head: "lm_head.",
    own_head: &[tensor("lm_head.weight", &[Vocabulary, Hidden])],
    other_heads: &["score.", "classifier.", "qa_outputs."],
    keys: &[
        (Hidden, "n_embd"),
        (Size::Blocks, "n_layer"),
        (Size::Heads, "n_head"),
        (Intermediate, "n_inner"),
        (Positions, "n_positions"),
    ],
    norm_place: NormPlace::Before,
    ..Family::EMPTY
};

const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}

const TENSORS: &[KnownTensor] = &[
    tensor("wte.weight", &[Vocabulary, Hidden]),
    tensor("wpe.weight", &[Positions, Hidden]),
    tensor("h.{}.ln_1.weight", &[Hidden]),
    tensor("h.{}.ln_1.bias", &[Hidden]),
    tensor("h.{}.attn.c_attn.weight", &[Hidden, ThreeHidden]),
    tensor("h.{}.attn.c_attn.bias", &[ThreeHidden]),
    tensor("h.{}.attn.c_proj.weight", &[Hidden, Hidden]),
    tensor("h.{}.attn.c_proj.bias", &[Hidden]),
    tensor("h.{}.ln_2.weight", &[Hidden]),
    tensor("h.{}.ln_2.bias", &[Hidden]),
    tensor("h.{}.mlp.c_fc.weight", &[Hidden, Intermediate]),
    tensor("h.{}.mlp.c_fc.bias", &[Intermediate]),
    tensor("h.{}.mlp.c_proj.weight", &[Intermediate, Hidden]),
    tensor("h.{}.mlp.c_proj.bias", &[Hidden]),
    tensor("ln_f.weight", &[Hidden]),
    tensor("ln_f.bias", &[Hidden]),
];
