//! What the functions of the user's asked for, gathered batch by batch.

use super::super::batch::is_predicted;
use super::super::builtin::other_width;
use super::super::probability::softmax;
use super::super::{EvaluationBatch, EvaluationLabels, GeneratedText, first_maximum};
use crate::error::{Error, ErrorKind, Result};

/// What a function needs of every batch: a set, put together while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs(u8);

impl Needs {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// What was predicted: 4 bytes an item for a class, a byte for each class where there can be several.
    pub const PREDICTIONS: Self = Self(1);
    /// What should have been predicted, as large.
    pub const LABELS: Self = Self(2);
    /// The probability of every class: 4 bytes each.
    pub const PROBABILITIES: Self = Self(4);
    /// All logits: 4 bytes each.
    pub const LOGITS: Self = Self(8);
    /// The loss of each item: 4 bytes.
    pub const LOSSES: Self = Self(16);
    /// How many words each sentence has: 8 bytes a sentence.
    pub const SENTENCES: Self = Self(32);
    /// The texts that the model writes, and those it should write.
    pub const TEXTS: Self = Self(64);

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `other` is part of it.
    pub const fn includes(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What the functions of the user's asked for, over all batches.
#[derive(Clone, Debug)]
pub struct Kept {
    needs: Needs,
    items: usize,
    outputs: usize,
    pub(super) predictions: Column,
    pub(super) labels: Column,
    pub(super) probabilities: Rows,
    pub(super) logits: Vec<f32>,
    pub(super) losses: Losses,
    /// The names of the classes.
    pub(super) classes: Vec<String>,
    pub(super) sentences: Vec<usize>,
    pub(super) texts: Vec<GeneratedText>,
    /// Whether tokens came without a text.
    pub(super) lacks_texts: bool,
}

/// Predictions or labels, item by item.
#[derive(Clone, Debug)]
pub enum Column {
    /// No batch yet.
    Empty,
    /// A class each, below the number of outputs.
    Classes(Vec<u32>),
    /// Whether each class is there, `outputs` at a time.
    Sets(Vec<bool>),
    /// Numbers, `outputs` at a time.
    Numbers(Vec<f32>),
    /// A token of the vocabulary each.
    Tokens(Vec<u32>),
}

/// Probabilities, or that the task has none.
#[derive(Clone, Debug)]
pub(super) enum Rows {
    Kept(Vec<f32>),
    /// The task has numbers.
    NumbersHaveNone,
    /// Those of a vocabulary are not kept.
    TokensHaveNone,
}

/// Losses, or that the loss gives none for single items.
#[derive(Clone, Debug)]
pub(super) enum Losses {
    Kept(Vec<f32>),
    LossGivesNone,
}

impl Kept {
    /// Nothing yet, of what is needed.
    pub fn new(needs: Needs) -> Self {
        Self {
            needs,
            items: 0,
            outputs: 0,
            predictions: Column::Empty,
            labels: Column::Empty,
            probabilities: Rows::Kept(Vec::new()),
            logits: Vec::new(),
            losses: Losses::Kept(Vec::new()),
            classes: Vec::new(),
            sentences: Vec::new(),
            texts: Vec::new(),
            lacks_texts: false,
        }
    }

    /// Takes the names of the task's classes, in their order.
    pub fn set_classes(&mut self, classes: &[&str]) {
        self.classes = classes.iter().map(|class| (*class).to_owned()).collect();
    }

    /// Forgets all batches.
    pub fn clear(&mut self) {
        *self = Self { classes: std::mem::take(&mut self.classes), ..Self::new(self.needs) };
    }

    /// Whether the batches had nothing to judge.
    pub fn is_empty(&self) -> bool {
        self.items == 0 && self.texts.is_empty()
    }

    /// How many items the batches had.
    pub fn items(&self) -> usize {
        self.items
    }

    /// How many logits an item has; 0 before the first batch.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Takes in one batch.
    ///
    /// # Errors
    /// As [`EvaluationBatch::check`]; [`ErrorKind::Shape`] if it has another number of outputs, or another kind of
    /// labels, than those before.
    pub fn add(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        batch.check()?;
        if self.outputs != batch.outputs && self.items > 0 {
            return Err(other_width(self.outputs, batch.outputs));
        }
        self.outputs = batch.outputs;
        self.items += batch.items();
        if self.needs.includes(Needs::PREDICTIONS) {
            self.predictions.append(predictions(batch)?)?;
        }
        if self.needs.includes(Needs::LABELS) {
            self.labels.append(match batch.labels {
                EvaluationLabels::Classes(labels) => Column::Classes(labels.to_vec()),
                EvaluationLabels::MultiHot(labels) => Column::Sets(labels.iter().map(|label| *label > 0.0).collect()),
                EvaluationLabels::Values(labels) => Column::Numbers(labels.to_vec()),
                EvaluationLabels::Tokens(labels) => Column::Tokens(labels.to_vec()),
            })?;
        }
        if self.needs.includes(Needs::SENTENCES) {
            self.sentences.extend_from_slice(batch.sequences.unwrap_or_default());
        }
        if self.needs.includes(Needs::TEXTS) {
            self.texts.extend_from_slice(batch.texts.unwrap_or_default());
            self.lacks_texts |= batch.texts.is_none();
        }
        if self.needs.includes(Needs::LOGITS) {
            self.logits.extend_from_slice(batch.logits);
        }
        if self.needs.includes(Needs::PROBABILITIES) {
            self.add_probabilities(batch)?;
        }
        if self.needs.includes(Needs::LOSSES) {
            match (&mut self.losses, batch.losses) {
                (Losses::Kept(kept), Some(losses)) => kept.extend_from_slice(losses),
                (Losses::Kept(_), None) if batch.items() == 0 => {}
                (losses, _) => *losses = Losses::LossGivesNone,
            }
        }
        Ok(())
    }

    fn add_probabilities(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        match (&mut self.probabilities, batch.labels) {
            (Rows::Kept(kept), EvaluationLabels::Classes(_)) => {
                for row in batch.rows() {
                    kept.extend(softmax(row)?.into_iter().map(|probability| probability as f32));
                }
            }
            (Rows::Kept(kept), EvaluationLabels::MultiHot(_)) => {
                kept.extend(batch.logits.iter().map(|logit| (1.0 / (1.0 + (-f64::from(*logit)).exp())) as f32));
            }
            (probabilities, EvaluationLabels::Tokens(_)) => *probabilities = Rows::TokensHaveNone,
            (probabilities, _) => *probabilities = Rows::NumbersHaveNone,
        }
        Ok(())
    }
}

/// What was predicted for the items of a batch.
fn predictions(batch: &EvaluationBatch<'_>) -> Result<Column> {
    Ok(match batch.labels {
        EvaluationLabels::Classes(_) => Column::Classes(batch.rows().map(first_maximum).collect()),
        EvaluationLabels::MultiHot(_) => Column::Sets(batch.logits.iter().map(|logit| is_predicted(*logit)).collect()),
        EvaluationLabels::Values(_) => Column::Numbers(batch.logits.to_vec()),
        EvaluationLabels::Tokens(labels) => match batch.predicted {
            Some(predicted) => Column::Tokens(predicted.to_vec()),
            None if labels.is_empty() => Column::Empty,
            None => {
                let message = "`Predictions` is asked for, but this evaluation has no predicted tokens";
                return Err(Error::new(ErrorKind::Metric, message)
                    .help("a batch of tokens that is made by hand needs `predicted: Some(…)`"));
            }
        },
    })
}

impl Column {
    fn append(&mut self, more: Self) -> Result<()> {
        match (&mut *self, more) {
            (_, Self::Empty) => {}
            (Self::Empty, more) => *self = more,
            (Self::Classes(kept), Self::Classes(more)) | (Self::Tokens(kept), Self::Tokens(more)) => kept.extend(more),
            (Self::Sets(kept), Self::Sets(more)) => kept.extend(more),
            (Self::Numbers(kept), Self::Numbers(more)) => kept.extend(more),
            _ => {
                return Err(Error::new(ErrorKind::Shape, "a batch has another kind of labels than the batches before"));
            }
        }
        Ok(())
    }
}
