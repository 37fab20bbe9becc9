//! The Llama family, of which Mistral, Qwen2 and SmolLM2 are: its configuration and the names of its parameters.

mod config;
mod family;
mod rope;

pub use config::LlamaConfig;
pub use family::FAMILY;
pub use rope::RopeParameters;

use super::causal::{CausalModel, CausalNames};
use super::peft::Module;
use crate::transformer::BlockNames;

/// Llama with a head over its vocabulary; Mistral and Qwen2 too, by the `model_type` of the configuration.
///
/// Source: Touvron et al., "LLaMA" (2023); `transformers.LlamaForCausalLM`, `MistralForCausalLM`, `Qwen2ForCausalLM`.
pub type LlamaForCausalLM = CausalModel<LlamaConfig>;

const NAMES: CausalNames = CausalNames {
    prefix: "model.",
    words: "embed_tokens",
    positions: None,
    blocks: "layers",
    block: BlockNames {
        query: "self_attn.q_proj",
        key: "self_attn.k_proj",
        value: "self_attn.v_proj",
        attention_output: "self_attn.o_proj",
        attention_norm: "input_layernorm",
        feed_forward_gate: Some("mlp.gate_proj"),
        feed_forward_in: "mlp.up_proj",
        feed_forward_out: "mlp.down_proj",
        output_norm: "post_attention_layernorm",
    },
    last_norm: "norm",
    transposed: &[],
};

/// Its modules, to be named in `lora`.
pub(super) const MODULES: &[Module<'static>] = &[
    Module::other("model.embed_tokens"),
    Module::other("model.layers.#.input_layernorm"),
    Module::usual_target("model.layers.#.self_attn.q_proj"),
    Module::linear("model.layers.#.self_attn.k_proj"),
    Module::usual_target("model.layers.#.self_attn.v_proj"),
    Module::linear("model.layers.#.self_attn.o_proj"),
    Module::other("model.layers.#.post_attention_layernorm"),
    Module::linear("model.layers.#.mlp.gate_proj"),
    Module::linear("model.layers.#.mlp.up_proj"),
    Module::linear("model.layers.#.mlp.down_proj"),
    Module::other("model.norm"),
    Module::other("lm_head"),
];
