//! The tensors of Marian's models, by their names and shapes in Hugging Face's files.

use crate::model::bart;
use crate::model::family::Size::{self, DecoderVocabulary, Hidden, One, Vocabulary};
use crate::model::family::{Condition, Family, KnownTensor, Sizes};

/// Positions are computed, so that a table of them in a file is left alone; second names of the shared table.
pub(super) const IGNORED: &[&str] =
    &["embed_positions.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];

/// The same where source and target have a table of words each.
pub(super) const IGNORED_OF_TWO_TABLES: &[&str] = &["embed_positions.weight"];

/// Marian's models.
///
/// Source: `transformers.MarianMTModel` and `transformers.MarianConfig`.
pub const FAMILY: Family = Family {
    name: "Marian",
    model_type: "marian",
    defaults: Sizes { vocab_size: Some(58101), share_encoder_decoder_embeddings: Some(true), ..bart::FAMILY.defaults },
    keys: &[
        (Hidden, "d_model"),
        (Size::Blocks, "encoder_layers"),
        (Size::Heads, "encoder_attention_heads"),
        (Size::Intermediate, "encoder_ffn_dim"),
    ],
    prefix: "model.",
    tensors: bart::BLOCKS,
    only_where: &[
        (Condition::SidesShareWords, &[tensor("shared.weight", &[Vocabulary, Hidden])]),
        (
            Condition::SidesHaveOwnWords,
            &[
                tensor("encoder.embed_tokens.weight", &[Vocabulary, Hidden]),
                tensor("decoder.embed_tokens.weight", &[DecoderVocabulary, Hidden]),
            ],
        ),
    ],
    head: "lm_head.",
    head_tensors: &[tensor("final_logits_bias", &[One, DecoderVocabulary])],
    own_head: &[tensor("lm_head.weight", &[DecoderVocabulary, Hidden])],
    ignored: IGNORED,
    decoder: "decoder.",
    ..Family::EMPTY
};

const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}
