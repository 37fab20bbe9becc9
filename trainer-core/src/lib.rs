//! A training core on candle, checked by the compiler.

pub mod args;
pub mod collate;
pub mod data;
pub mod error;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod optim;
pub mod report;
pub mod tensor;
pub mod text;
pub mod train;

pub use error::{Error, ErrorKind, Result};
