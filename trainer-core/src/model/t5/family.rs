//! What T5 calls its parts, and its tensors by their names and shapes in Hugging Face's files.

use crate::model::family::Size::{self, Buckets, Gathered, Heads, Hidden, Intermediate, Vocabulary};
use crate::model::family::{Condition, Family, KnownTensor, Sizes};
use crate::model::peft::Module;
use crate::model::seq2seq::SideNames;
use crate::transformer::{AttentionNames, BlockNames, CrossNames, NormPlace};

pub(super) const ENCODER: SideNames = SideNames {
    side: "encoder",
    blocks: "block",
    block: ENCODER_BLOCK,
    cross: None,
    last_norm: Some("final_layer_norm"),
    embedding_dropout: "input",
};

pub(super) const GATED_ENCODER: SideNames = SideNames {
    block: BlockNames {
        feed_forward_gate: Some("layer.1.DenseReluDense.wi_0"),
        feed_forward_in: "layer.1.DenseReluDense.wi_1",
        ..ENCODER_BLOCK
    },
    ..ENCODER
};

pub(super) const DECODER: SideNames = SideNames {
    side: "decoder",
    block: DECODER_BLOCK,
    cross: Some(CrossNames {
        attention: AttentionNames {
            query: "layer.1.EncDecAttention.q",
            key: "layer.1.EncDecAttention.k",
            value: "layer.1.EncDecAttention.v",
            output: "layer.1.EncDecAttention.o",
        },
        norm: "layer.1.layer_norm",
    }),
    ..ENCODER
};

pub(super) const GATED_DECODER: SideNames = SideNames {
    block: BlockNames {
        feed_forward_gate: Some("layer.2.DenseReluDense.wi_0"),
        feed_forward_in: "layer.2.DenseReluDense.wi_1",
        ..DECODER_BLOCK
    },
    ..DECODER
};

const ENCODER_BLOCK: BlockNames = BlockNames {
    query: "layer.0.SelfAttention.q",
    key: "layer.0.SelfAttention.k",
    value: "layer.0.SelfAttention.v",
    attention_output: "layer.0.SelfAttention.o",
    attention_norm: "layer.0.layer_norm",
    feed_forward_gate: None,
    feed_forward_in: "layer.1.DenseReluDense.wi",
    feed_forward_out: "layer.1.DenseReluDense.wo",
    output_norm: "layer.1.layer_norm",
};

const DECODER_BLOCK: BlockNames = BlockNames {
    feed_forward_in: "layer.2.DenseReluDense.wi",
    feed_forward_out: "layer.2.DenseReluDense.wo",
    output_norm: "layer.2.layer_norm",
    ..ENCODER_BLOCK
};

/// The table of relative positions of a side, which stands in its first block.
pub(super) const RELATIVE: &str = "block.0.layer.0.SelfAttention.relative_attention_bias";

/// Second names of the shared table, and a table in files of the first versions that nothing uses.
pub(super) const IGNORED: &[&str] =
    &["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "EncDecAttention.relative_attention_bias.weight"];

/// Its modules, to be named in `lora`.
pub(in crate::model) const MODULES: &[Module<'static>] = &[
    Module::other("shared"),
    Module::usual_target("encoder.block.#.layer.0.SelfAttention.q"),
    Module::linear("encoder.block.#.layer.0.SelfAttention.k"),
    Module::usual_target("encoder.block.#.layer.0.SelfAttention.v"),
    Module::linear("encoder.block.#.layer.0.SelfAttention.o"),
    Module::other("encoder.block.#.layer.0.SelfAttention.relative_attention_bias"),
    Module::other("encoder.block.#.layer.0.layer_norm"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wi"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wi_0"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wi_1"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wo"),
    Module::other("encoder.block.#.layer.1.layer_norm"),
    Module::other("encoder.final_layer_norm"),
    Module::usual_target("decoder.block.#.layer.0.SelfAttention.q"),
    Module::linear("decoder.block.#.layer.0.SelfAttention.k"),
    Module::usual_target("decoder.block.#.layer.0.SelfAttention.v"),
    Module::linear("decoder.block.#.layer.0.SelfAttention.o"),
    Module::other("decoder.block.#.layer.0.SelfAttention.relative_attention_bias"),
    Module::other("decoder.block.#.layer.0.layer_norm"),
    Module::usual_target("decoder.block.#.layer.1.EncDecAttention.q"),
    Module::linear("decoder.block.#.layer.1.EncDecAttention.k"),
    Module::usual_target("decoder.block.#.layer.1.EncDecAttention.v"),
    Module::linear("decoder.block.#.layer.1.EncDecAttention.o"),
    Module::other("decoder.block.#.layer.1.layer_norm"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wi"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wi_0"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wi_1"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wo"),
    Module::other("decoder.block.#.layer.2.layer_norm"),
    Module::other("decoder.final_layer_norm"),
    Module::other("lm_head"),
];

/// The T5 family, its version 1.1 and FLAN.
///
/// Source: `transformers.T5ForConditionalGeneration` and `transformers.T5Config`.
pub const FAMILY: Family = Family {
    name: "T5",
    model_type: "t5",
    defaults: Sizes {
        vocab_size: Some(32128),
        hidden_size: Some(512),
        num_hidden_layers: Some(6),
        num_attention_heads: Some(8),
        head_dim: Some(64),
        intermediate_size: Some(2048),
        relative_attention_num_buckets: Some(32),
        has_gate: Some(false),
        tie_word_embeddings: Some(true),
        ..Sizes::NONE
    },
    keys: &[
        (Hidden, "d_model"),
        (Size::Blocks, "num_layers"),
        (Size::DecoderBlocks, "num_decoder_layers"),
        (Heads, "num_heads"),
        (Intermediate, "d_ff"),
        (Gathered, "num_heads * d_kv"),
    ],
    tensors: TENSORS,
    first_block: &[
        tensor("encoder.block.{}.layer.0.SelfAttention.relative_attention_bias.weight", &[Buckets, Heads]),
        tensor("decoder.block.{}.layer.0.SelfAttention.relative_attention_bias.weight", &[Buckets, Heads]),
    ],
    only_where: &[(Condition::FeedForwardIsPlain, PLAIN), (Condition::FeedForwardHasGate, GATED)],
    head: "lm_head.",
    own_head: &[tensor("lm_head.weight", &[Vocabulary, Hidden])],
    other_heads: &["classification_head.", "qa_outputs."],
    ignored: IGNORED,
    decoder: "decoder.",
    has_relative_positions: true,
    norm_place: NormPlace::Before,
    ..Family::EMPTY
};

const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}

const TENSORS: &[KnownTensor] = &[
    tensor("shared.weight", &[Vocabulary, Hidden]),
    tensor("encoder.block.{}.layer.0.SelfAttention.q.weight", &[Gathered, Hidden]),
    tensor("encoder.block.{}.layer.0.SelfAttention.k.weight", &[Gathered, Hidden]),
    tensor("encoder.block.{}.layer.0.SelfAttention.v.weight", &[Gathered, Hidden]),
    tensor("encoder.block.{}.layer.0.SelfAttention.o.weight", &[Hidden, Gathered]),
    tensor("encoder.block.{}.layer.0.layer_norm.weight", &[Hidden]),
    tensor("encoder.block.{}.layer.1.DenseReluDense.wo.weight", &[Hidden, Intermediate]),
    tensor("encoder.block.{}.layer.1.layer_norm.weight", &[Hidden]),
    tensor("encoder.final_layer_norm.weight", &[Hidden]),
    tensor("decoder.block.{}.layer.0.SelfAttention.q.weight", &[Gathered, Hidden]),
    tensor("decoder.block.{}.layer.0.SelfAttention.k.weight", &[Gathered, Hidden]),
    tensor("decoder.block.{}.layer.0.SelfAttention.v.weight", &[Gathered, Hidden]),
    tensor("decoder.block.{}.layer.0.SelfAttention.o.weight", &[Hidden, Gathered]),
    tensor("decoder.block.{}.layer.0.layer_norm.weight", &[Hidden]),
    tensor("decoder.block.{}.layer.1.EncDecAttention.q.weight", &[Gathered, Hidden]),
    tensor("decoder.block.{}.layer.1.EncDecAttention.k.weight", &[Gathered, Hidden]),
    tensor("decoder.block.{}.layer.1.EncDecAttention.v.weight", &[Gathered, Hidden]),
    tensor("decoder.block.{}.layer.1.EncDecAttention.o.weight", &[Hidden, Gathered]),
    tensor("decoder.block.{}.layer.1.layer_norm.weight", &[Hidden]),
    tensor("decoder.block.{}.layer.2.DenseReluDense.wo.weight", &[Hidden, Intermediate]),
    tensor("decoder.block.{}.layer.2.layer_norm.weight", &[Hidden]),
    tensor("decoder.final_layer_norm.weight", &[Hidden]),
];

/// The first feed-forward layers of the first version.
const PLAIN: &[KnownTensor] = &[
    tensor("encoder.block.{}.layer.1.DenseReluDense.wi.weight", &[Intermediate, Hidden]),
    tensor("decoder.block.{}.layer.2.DenseReluDense.wi.weight", &[Intermediate, Hidden]),
];

/// Those of version 1.1.
const GATED: &[KnownTensor] = &[
    tensor("encoder.block.{}.layer.1.DenseReluDense.wi_0.weight", &[Intermediate, Hidden]),
    tensor("encoder.block.{}.layer.1.DenseReluDense.wi_1.weight", &[Intermediate, Hidden]),
    tensor("decoder.block.{}.layer.2.DenseReluDense.wi_0.weight", &[Intermediate, Hidden]),
    tensor("decoder.block.{}.layer.2.DenseReluDense.wi_1.weight", &[Intermediate, Hidden]),
];
