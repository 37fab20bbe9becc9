//! The GPT-2 family: its configuration and the names of its parameters.

mod config;
mod family;

pub use config::GPT2Config;
pub use family::FAMILY;

use super::causal::{CausalModel, CausalNames};
use super::peft::Module;
use crate::transformer::BlockNames;

/// GPT-2 with a head over its vocabulary.
///
/// Source: Radford et al., "Language models are unsupervised multitask learners" (2019); `transformers.GPT2LMHeadModel`.
pub type GPT2LMHeadModel = CausalModel<GPT2Config>;

const NAMES: CausalNames = CausalNames {
    prefix: "transformer.",
    words: "wte",
    positions: Some("wpe"),
    blocks: "h",
    block: BlockNames {
        query: "attn.c_attn",
        key: "attn.c_attn",
        value: "attn.c_attn",
        attention_output: "attn.c_proj",
        attention_norm: "ln_1",
        feed_forward_gate: None,
        feed_forward_in: "mlp.c_fc",
        feed_forward_out: "mlp.c_proj",
        output_norm: "ln_2",
    },
    last_norm: "ln_f",
    transposed: &["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"],
};

/// Its modules, to be named in `lora`.
pub(super) const MODULES: &[Module<'static>] = &[
    Module::other("transformer.wte"),
    Module::other("transformer.wpe"),
    Module::other("transformer.h.#.ln_1"),
    Module::usual_target("transformer.h.#.attn.c_attn"),
    Module::linear("transformer.h.#.attn.c_proj"),
    Module::other("transformer.h.#.ln_2"),
    Module::linear("transformer.h.#.mlp.c_fc"),
    Module::linear("transformer.h.#.mlp.c_proj"),
    Module::other("transformer.ln_f"),
    Module::other("lm_head"),
];
