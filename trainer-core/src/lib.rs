//! A training core on candle, checked by the compiler.

pub mod args;
pub mod collate;
pub mod data;
pub mod error;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod optim;
pub mod tensor;
pub mod text;

pub use args::{TrainingArgs, TrainingArguments};
pub use error::{Error, ErrorKind, Result};
pub use trainer_macros::TrainingArgs;

/// Everything that a program that trains names.
pub mod prelude {
    pub use crate::args::{TrainingArgs, TrainingArguments};
    pub use trainer_macros::TrainingArgs;
}
