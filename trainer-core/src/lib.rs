//! A training core on candle, checked by the compiler.

pub mod args;
pub mod collate;
pub mod data;
pub mod error;
mod hub;
pub mod infer;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod nearest;
pub mod nn;
pub mod optim;
pub mod report;
pub mod tensor;
pub mod text;
pub mod train;
mod trainer;
pub mod transformer;

pub use error::{Error, ErrorKind, Result};
pub use trainer::Trainer;

/// Says something that the user should know and that stops nothing.
pub(crate) fn note(message: impl std::fmt::Display) {
    eprintln!("note: {message}");
}
