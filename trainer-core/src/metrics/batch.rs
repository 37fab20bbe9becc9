//! The outputs of one batch and what they should have been, on the host; and the checks that every metric relies on.

use crate::data::TaskKind;
use crate::error::{Error, ErrorKind, Result};

/// The outputs of one batch and what they should have been, on the host.
#[derive(Clone, Copy, Debug)]
pub struct EvaluationBatch<'a> {
    /// Unnormalised scores, row by row, `[items * outputs]`.
    pub logits: &'a [f32],
    /// How many scores there are for an item.
    pub outputs: usize,
    /// What the model had to find.
    pub labels: EvaluationLabels<'a>,
    /// The loss of each item, if the loss gives it.
    pub losses: Option<&'a [f32]>,
}

/// What the model had to find, for the items of an [`EvaluationBatch`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum EvaluationLabels<'a> {
    /// One class an item, `[items]`.
    Classes(&'a [u32]),
    /// 1.0 for each class that an item has, `[items * outputs]`.
    MultiHot(&'a [f32]),
    /// Numbers, `[items * outputs]`.
    Values(&'a [f32]),
}

impl<'a> EvaluationBatch<'a> {
    /// How many items there are.
    pub fn items(&self) -> usize {
        match self.labels {
            EvaluationLabels::Classes(labels) => labels.len(),
            EvaluationLabels::MultiHot(labels) | EvaluationLabels::Values(labels) => {
                labels.len().checked_div(self.outputs).unwrap_or(0)
            }
        }
    }

    /// The logits of each item, `[outputs]` at a time.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, f32> {
        self.logits.chunks_exact(self.outputs.max(1))
    }

    /// The kind of task that has such labels.
    pub fn kind(&self) -> TaskKind {
        match self.labels {
            EvaluationLabels::Classes(_) => TaskKind::SequenceClassification,
            EvaluationLabels::MultiHot(_) => TaskKind::MultiLabelClassification,
            EvaluationLabels::Values(_) => TaskKind::Regression,
        }
    }

    /// That the parts fit together and hold numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if the lengths differ; [`ErrorKind::Label`] for a label that is no class;
    /// [`ErrorKind::Numeric`] for a logit that is NaN, and for a number that is not finite.
    pub fn check(&self) -> Result<()> {
        let expected = match self.labels {
            EvaluationLabels::Classes(labels) => labels.len().checked_mul(self.outputs),
            EvaluationLabels::MultiHot(labels) | EvaluationLabels::Values(labels) => Some(labels.len()),
        };
        let whole_rows = self.outputs > 0 && self.logits.len().is_multiple_of(self.outputs);
        if !whole_rows || expected != Some(self.logits.len()) {
            let message = format!(
                "{} logits in rows of {} do not match the labels of {} items",
                self.logits.len(),
                self.outputs,
                self.items()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if let Some(losses) = self.losses
            && losses.len() != self.items()
        {
            let message = format!("{} losses do not match {} items", losses.len(), self.items());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        // A class can be ruled out by an infinite logit, but a number cannot be infinite.
        let are_numbers = matches!(self.labels, EvaluationLabels::Values(_));
        let is_wrong = |logit: &f32| logit.is_nan() || (are_numbers && logit.is_infinite());
        if let Some(position) = self.logits.iter().position(is_wrong) {
            return Err(not_a_number("a logit", position / self.outputs));
        }
        self.check_labels()
    }

    fn check_labels(&self) -> Result<()> {
        match self.labels {
            EvaluationLabels::Classes(labels) => {
                match labels.iter().position(|label| *label as usize >= self.outputs) {
                    Some(item) => Err(no_class(labels[item], item, self.outputs)),
                    None => Ok(()),
                }
            }
            EvaluationLabels::MultiHot(labels) => match labels.iter().position(|label| ![0.0, 1.0].contains(label)) {
                Some(position) => {
                    let message = format!("a label of item {} is neither 0 nor 1", position / self.outputs);
                    Err(Error::new(ErrorKind::Label, message))
                }
                None => Ok(()),
            },
            EvaluationLabels::Values(labels) => match labels.iter().position(|label| !label.is_finite()) {
                Some(position) => Err(not_a_number("a label", position / self.outputs)),
                None => Ok(()),
            },
        }
    }
}

/// A label that is no class, at its item.
pub(super) fn no_class(label: u32, item: usize, classes: usize) -> Error {
    Error::new(ErrorKind::Label, format!("item {item} has the class {label}, but there are {classes} classes"))
        .help(format!("classes are numbered from 0 to {}", classes.saturating_sub(1)))
}

/// Something of an item that is NaN.
pub(super) fn not_a_number(what: &str, item: usize) -> Error {
    Error::new(ErrorKind::Numeric, format!("{what} of item {item} of the evaluation is not a finite number"))
        .help("the run has diverged: try a lower `learning_rate`, or look at the data of this item")
}

/// Whether a class is predicted, where an item can have several: its probability is above one half.
pub(super) fn is_predicted(logit: f32) -> bool {
    logit > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::first_maximum;

    fn batch<'a>(logits: &'a [f32], labels: &'a [u32]) -> EvaluationBatch<'a> {
        EvaluationBatch { logits, outputs: 2, labels: EvaluationLabels::Classes(labels), losses: None }
    }

    #[test]
    fn of_equal_logits_the_first_is_the_prediction() {
        assert_eq!(first_maximum(&[0.0, 2.0, 2.0]), 1);
        assert_eq!(first_maximum(&[1.0, 1.0]), 0);
    }

    #[test]
    fn a_logit_that_is_no_number_is_refused_at_its_item() {
        let error = batch(&[0.0, 1.0, f32::NAN, 0.0], &[0, 1]).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Numeric);
        assert!(error.message().contains("item 1"), "{error}");
    }

    #[test]
    fn an_infinite_number_is_refused_and_an_infinite_logit_of_a_class_is_not() {
        let numbers = EvaluationLabels::Values(&[0.0, 1.0]);
        let batch = batch(&[f32::NEG_INFINITY, 1.0], &[1]);
        assert!(batch.check().is_ok());
        let error = EvaluationBatch { labels: numbers, ..batch }.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Numeric);
    }

    #[test]
    fn a_label_that_is_no_class_is_refused_at_its_item() {
        let error = batch(&[0.0, 1.0, 1.0, 0.0], &[0, 2]).check().unwrap_err();
        assert_eq!(error.message(), "item 1 has the class 2, but there are 2 classes");
    }

    #[test]
    fn logits_of_another_number_of_items_are_refused() {
        assert_eq!(batch(&[0.0, 1.0, 1.0], &[0, 1]).check().unwrap_err().kind(), ErrorKind::Shape);
        assert_eq!(batch(&[0.0, 1.0], &[0, 1]).check().unwrap_err().kind(), ErrorKind::Shape);
        let batch = EvaluationBatch { losses: Some(&[1.0]), ..batch(&[0.0, 1.0, 1.0, 0.0], &[0, 1]) };
        assert_eq!(batch.check().unwrap_err().kind(), ErrorKind::Shape);
    }
}
