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

pub use args::{TrainingArgs, TrainingArguments};
pub use error::{Error, ErrorKind, Result};
pub use trainer::Trainer;
pub use trainer_macros::{ClassLabel, Example, TrainingArgs, loss, metric, trainer};

/// What a program that trains needs: `use trainer_core::prelude::*;`.
pub mod prelude {
    pub use crate::args::{TrainingArgs, TrainingArguments};
    pub use crate::collate::{Batch, Collator, DefaultCollator, Padding};
    pub use crate::data::{ClassLabel, Dataset, Example, LabelSet};
    pub use crate::error::{Error, ErrorKind};
    pub use crate::loss::{Loss, LossSum};
    pub use crate::metrics::{Labels, Logits, Losses, Metric, Metrics, Predictions, Probabilities, Scores};
    pub use crate::model::{BertConfig, BertForSequenceClassification, Head, Model, Output};
    pub use crate::tensor::params::Parameters;
    pub use crate::tensor::random::Mode;
    pub use crate::text::{Tokenizer, WordPieceSettings};
    pub use crate::train::{Callback, Control, EarlyStopping, LogEntry, RunMoment, TrainOutput, TrainerState};
    pub use crate::trainer::Trainer;
    pub use trainer_macros::{ClassLabel, Example, TrainingArgs, loss, metric, trainer};
}

/// What generated code names and nobody else should.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}

/// Says something that the user should know and that stops nothing.
pub(crate) fn note(message: impl std::fmt::Display) {
    use std::io::Write;
    // A terminal that has gone away is no reason to end a run.
    drop(writeln!(std::io::stderr(), "note: {message}"));
}
