//! Marian's translation models: configuration and names. They are BART's, with positions that are computed.

mod config;
mod family;

pub use config::MarianConfig;
pub use family::FAMILY;

use super::seq2seq::Seq2SeqModel;

/// Marian with a head over the vocabulary: translation.
///
/// Source: `transformers.MarianMTModel`.
pub type MarianMTModel = Seq2SeqModel<MarianConfig>;
