//! Prediction: what a trained model makes of new rows.
//!
//! What comes in: rows, or a text. What goes out: predictions in the user's types, in the order of the rows: classes and numbers
//! from logits, masks that are filled in, and texts that the model writes.

mod fill_mask;
mod predictor;
mod threshold;
mod words;
mod write;

pub use fill_mask::FilledMask;
pub use predictor::Predictor;

use crate::data::Task;
use crate::error::Result;

/// What a model made of every row of a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionOutput<T: Task> {
    /// The prediction for each row, in the order of the data set.
    pub predictions: Vec<T::Prediction>,
    /// The unnormalised scores of each row: of words, those of one after another, −∞ for each class of a word that the model
    /// does not read; none where the model writes texts.
    pub logits: Vec<Vec<f32>>,
}

impl<T: Task> PredictionOutput<T> {
    /// The predictions that the logits of each row, `[outputs]`, amount to.
    pub fn new(logits: Vec<Vec<f32>>) -> Result<Self> {
        let predictions = logits.iter().map(|logits| T::prediction(logits)).collect::<Result<_>>()?;
        Ok(Self { predictions, logits })
    }
}
