//! The BART family: its configuration and the names of its parameters. Marian's models call theirs alike.

mod config;
mod family;

pub use config::BartConfig;
pub use family::FAMILY;
pub(super) use family::{BLOCKS, MODULES};

use super::seq2seq::Seq2SeqModel;

/// BART with a head over the vocabulary: text for text.
///
/// Source: Lewis et al., "BART" (2019); `transformers.BartForConditionalGeneration`.
pub type BartForConditionalGeneration = Seq2SeqModel<BartConfig>;
