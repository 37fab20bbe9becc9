//! What BART calls its parts, and its tensors by their names and shapes in Hugging Face's files.

use crate::model::family::Size::{
    self, DecoderIntermediate, DecoderVocabulary, Hidden, Intermediate, One, PositionRows, Vocabulary,
};
use crate::model::family::{Family, KnownTensor, Sizes, joined};
use crate::model::peft::Module;
use crate::model::seq2seq::SideNames;
use crate::transformer::{AttentionNames, BlockNames, CrossNames};

pub(super) const ENCODER: SideNames = SideNames {
    side: "encoder",
    blocks: "layers",
    block: BlockNames {
        query: "self_attn.q_proj",
        key: "self_attn.k_proj",
        value: "self_attn.v_proj",
        attention_output: "self_attn.out_proj",
        attention_norm: "self_attn_layer_norm",
        feed_forward_gate: None,
        feed_forward_in: "fc1",
        feed_forward_out: "fc2",
        output_norm: "final_layer_norm",
    },
    cross: None,
    last_norm: None,
    embedding_dropout: "embeddings",
};

pub(super) const DECODER: SideNames = SideNames {
    side: "decoder",
    cross: Some(CrossNames {
        attention: AttentionNames {
            query: "encoder_attn.q_proj",
            key: "encoder_attn.k_proj",
            value: "encoder_attn.v_proj",
            output: "encoder_attn.out_proj",
        },
        norm: "encoder_attn_layer_norm",
    }),
    ..ENCODER
};

/// Second names of the shared table, and what the first versions of the library kept.
pub(super) const IGNORED: &[&str] =
    &["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "encoder.version", "decoder.version"];

/// Its modules, to be named in `lora`; those of Marian's models too.
pub(in crate::model) const MODULES: &[Module<'static>] = &[
    Module::other("model.shared"),
    Module::other("model.encoder.embed_tokens"),
    Module::other("model.encoder.embed_positions"),
    Module::other("model.encoder.layernorm_embedding"),
    Module::usual_target("model.encoder.layers.#.self_attn.q_proj"),
    Module::linear("model.encoder.layers.#.self_attn.k_proj"),
    Module::usual_target("model.encoder.layers.#.self_attn.v_proj"),
    Module::linear("model.encoder.layers.#.self_attn.out_proj"),
    Module::other("model.encoder.layers.#.self_attn_layer_norm"),
    Module::linear("model.encoder.layers.#.fc1"),
    Module::linear("model.encoder.layers.#.fc2"),
    Module::other("model.encoder.layers.#.final_layer_norm"),
    Module::other("model.decoder.embed_tokens"),
    Module::other("model.decoder.embed_positions"),
    Module::other("model.decoder.layernorm_embedding"),
    Module::usual_target("model.decoder.layers.#.self_attn.q_proj"),
    Module::linear("model.decoder.layers.#.self_attn.k_proj"),
    Module::usual_target("model.decoder.layers.#.self_attn.v_proj"),
    Module::linear("model.decoder.layers.#.self_attn.out_proj"),
    Module::other("model.decoder.layers.#.self_attn_layer_norm"),
    Module::usual_target("model.decoder.layers.#.encoder_attn.q_proj"),
    Module::linear("model.decoder.layers.#.encoder_attn.k_proj"),
    Module::usual_target("model.decoder.layers.#.encoder_attn.v_proj"),
    Module::linear("model.decoder.layers.#.encoder_attn.out_proj"),
    Module::other("model.decoder.layers.#.encoder_attn_layer_norm"),
    Module::linear("model.decoder.layers.#.fc1"),
    Module::linear("model.decoder.layers.#.fc2"),
    Module::other("model.decoder.layers.#.final_layer_norm"),
    Module::other("lm_head"),
];

/// The BART family.
///
/// Source: `transformers.BartForConditionalGeneration` and `transformers.BartConfig`.
pub const FAMILY: Family = Family {
    name: "BART",
    model_type: "bart",
    defaults: Sizes {
        vocab_size: Some(50265),
        hidden_size: Some(1024),
        num_hidden_layers: Some(12),
        num_attention_heads: Some(16),
        intermediate_size: Some(4096),
        max_position_embeddings: Some(1024),
        decoder_layers: Some(12),
        decoder_attention_heads: Some(16),
        decoder_ffn_dim: Some(4096),
        tie_word_embeddings: Some(true),
        ..Sizes::NONE
    },
    keys: &[
        (Hidden, "d_model"),
        (Size::Blocks, "encoder_layers"),
        (Size::Heads, "encoder_attention_heads"),
        (Intermediate, "encoder_ffn_dim"),
        (DecoderVocabulary, "vocab_size"),
    ],
    prefix: "model.",
    tensors: &TENSORS,
    head: "lm_head.",
    head_tensors: &[tensor("final_logits_bias", &[One, DecoderVocabulary])],
    own_head: &[tensor("lm_head.weight", &[DecoderVocabulary, Hidden])],
    other_heads: &["classification_head.", "qa_outputs."],
    ignored: IGNORED,
    decoder: "decoder.",
    ..Family::EMPTY
};

const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}

const TENSORS: [KnownTensor; EMBEDDINGS.len() + BLOCKS.len()] = joined(&[EMBEDDINGS, BLOCKS]);

const EMBEDDINGS: &[KnownTensor] = &[
    tensor("shared.weight", &[Vocabulary, Hidden]),
    tensor("encoder.embed_positions.weight", &[PositionRows, Hidden]),
    tensor("encoder.layernorm_embedding.weight", &[Hidden]),
    tensor("encoder.layernorm_embedding.bias", &[Hidden]),
    tensor("decoder.embed_positions.weight", &[PositionRows, Hidden]),
    tensor("decoder.layernorm_embedding.weight", &[Hidden]),
    tensor("decoder.layernorm_embedding.bias", &[Hidden]),
];

/// The tensors of all blocks, which Marian's models have too.
pub(in crate::model) const BLOCKS: &[KnownTensor] = &[
    tensor("encoder.layers.{}.self_attn.q_proj.weight", &[Hidden, Hidden]),
    tensor("encoder.layers.{}.self_attn.q_proj.bias", &[Hidden]),
    tensor("encoder.layers.{}.self_attn.k_proj.weight", &[Hidden, Hidden]),
    tensor("encoder.layers.{}.self_attn.k_proj.bias", &[Hidden]),
    tensor("encoder.layers.{}.self_attn.v_proj.weight", &[Hidden, Hidden]),
    tensor("encoder.layers.{}.self_attn.v_proj.bias", &[Hidden]),
    tensor("encoder.layers.{}.self_attn.out_proj.weight", &[Hidden, Hidden]),
    tensor("encoder.layers.{}.self_attn.out_proj.bias", &[Hidden]),
    tensor("encoder.layers.{}.self_attn_layer_norm.weight", &[Hidden]),
    tensor("encoder.layers.{}.self_attn_layer_norm.bias", &[Hidden]),
    tensor("encoder.layers.{}.fc1.weight", &[Intermediate, Hidden]),
    tensor("encoder.layers.{}.fc1.bias", &[Intermediate]),
    tensor("encoder.layers.{}.fc2.weight", &[Hidden, Intermediate]),
    tensor("encoder.layers.{}.fc2.bias", &[Hidden]),
    tensor("encoder.layers.{}.final_layer_norm.weight", &[Hidden]),
    tensor("encoder.layers.{}.final_layer_norm.bias", &[Hidden]),
    tensor("decoder.layers.{}.self_attn.q_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.self_attn.q_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.self_attn.k_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.self_attn.k_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.self_attn.v_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.self_attn.v_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.self_attn.out_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.self_attn.out_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.self_attn_layer_norm.weight", &[Hidden]),
    tensor("decoder.layers.{}.self_attn_layer_norm.bias", &[Hidden]),
    tensor("decoder.layers.{}.encoder_attn.q_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.encoder_attn.q_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.encoder_attn.k_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.encoder_attn.k_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.encoder_attn.v_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.encoder_attn.v_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.encoder_attn.out_proj.weight", &[Hidden, Hidden]),
    tensor("decoder.layers.{}.encoder_attn.out_proj.bias", &[Hidden]),
    tensor("decoder.layers.{}.encoder_attn_layer_norm.weight", &[Hidden]),
    tensor("decoder.layers.{}.encoder_attn_layer_norm.bias", &[Hidden]),
    tensor("decoder.layers.{}.fc1.weight", &[DecoderIntermediate, Hidden]),
    tensor("decoder.layers.{}.fc1.bias", &[DecoderIntermediate]),
    tensor("decoder.layers.{}.fc2.weight", &[Hidden, DecoderIntermediate]),
    tensor("decoder.layers.{}.fc2.bias", &[Hidden]),
    tensor("decoder.layers.{}.final_layer_norm.weight", &[Hidden]),
    tensor("decoder.layers.{}.final_layer_norm.bias", &[Hidden]),
];
