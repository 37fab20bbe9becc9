//! The T5 family: configuration, parameter names and the head over the vocabulary, over the shared block.

mod conditional;
mod config;
mod stack;
mod writing;

pub(super) use conditional::MODULES;
pub use conditional::T5ForConditionalGeneration;
pub use config::T5Config;
