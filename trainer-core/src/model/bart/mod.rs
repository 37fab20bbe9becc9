//! The BART family: configuration, parameter names and the head over the vocabulary, over the shared block. Marian's models
//! stand over the same code.

mod conditional;
mod config;
mod encoder_decoder;
mod stack;

pub use conditional::BartForConditionalGeneration;
pub use config::BartConfig;
pub(super) use config::{TABLE, is_of};
pub(super) use encoder_decoder::{EncoderDecoder, HeadParts, MODULES, Sides, has_bias};
pub(super) use stack::{PositionTable, SideSettings};
