//! The T5 family: its configuration and the names of its parameters.

mod config;
mod family;

pub use config::T5Config;
pub use family::FAMILY;
pub(super) use family::MODULES;

use super::seq2seq::Seq2SeqModel;

/// T5 with a head over the vocabulary, tied to the table of words or with weights of its own (v1.1, FLAN).
///
/// Source: Raffel et al., "Exploring the limits of transfer learning" (2020); `transformers.T5ForConditionalGeneration`.
pub type T5ForConditionalGeneration = Seq2SeqModel<T5Config>;
