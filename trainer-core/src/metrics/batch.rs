//! The outputs of one batch and what they should have been, on the host; and the checks that every metric relies on.

use crate::data::TaskKind;
use crate::error::{Error, ErrorKind, Result};

/// The outputs of one batch and what they should have been, on the host.
///
/// An item is what has a label: an example, or a token where tokens have labels. Tokens without one are not among them.
#[derive(Clone, Copy, Debug, Default)]
pub struct EvaluationBatch<'a> {
    /// Unnormalised scores, row by row, `[items * outputs]`; none for the tokens of a vocabulary, whose scores are not kept.
    pub logits: &'a [f32],
    /// How many scores there are for an item; 0 for the tokens of a vocabulary.
    pub outputs: usize,
    /// What the model had to find.
    pub labels: EvaluationLabels<'a>,
    /// The loss of each item, if the loss gives it.
    pub losses: Option<&'a [f32]>,
    /// Where tokens have labels: how many items each example has, in their order.
    pub sequences: Option<&'a [usize]>,
    /// The most probable token at each item, `[items]`, where the labels are tokens of a vocabulary; only where a metric
    /// [needs it](super::Metric::needs_predicted_tokens).
    pub predicted: Option<&'a [u32]>,
    /// What the model wrote for each example, where a metric [needs it](super::Metric::needs_texts).
    pub texts: Option<&'a [GeneratedText]>,
}

/// A text that the model wrote, and the one it should have written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeneratedText {
    /// What the model wrote, without special tokens.
    pub prediction: String,
    /// What it should have written.
    pub reference: String,
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
    /// One token of the vocabulary an item, `[items]`.
    Tokens(&'a [u32]),
}

impl Default for EvaluationLabels<'_> {
    fn default() -> Self {
        Self::Classes(&[])
    }
}

impl<'a> EvaluationBatch<'a> {
    /// How many items there are.
    pub fn items(&self) -> usize {
        match self.labels {
            EvaluationLabels::Classes(labels) | EvaluationLabels::Tokens(labels) => labels.len(),
            EvaluationLabels::MultiHot(labels) | EvaluationLabels::Values(labels) => {
                labels.len().checked_div(self.outputs).unwrap_or(0)
            }
        }
    }

    /// The logits of each item, `[outputs]` at a time.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, f32> {
        self.logits.chunks_exact(self.outputs.max(1))
    }

    /// The kind of task that has such labels; for all tasks over a vocabulary [`TaskKind::Seq2Seq`].
    pub fn kind(&self) -> TaskKind {
        match self.labels {
            EvaluationLabels::Classes(_) if self.sequences.is_some() => TaskKind::TokenClassification,
            EvaluationLabels::Tokens(_) => TaskKind::Seq2Seq,
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
        if matches!(self.labels, EvaluationLabels::Tokens(_)) {
            return self.check_tokens();
        }
        let expected = match self.labels {
            EvaluationLabels::Classes(labels) | EvaluationLabels::Tokens(labels) => {
                labels.len().checked_mul(self.outputs)
            }
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
        self.check_lengths()?;
        // A class can be ruled out by an infinite logit, but a number cannot be infinite.
        let are_numbers = matches!(self.labels, EvaluationLabels::Values(_));
        let is_wrong = |logit: &f32| logit.is_nan() || (are_numbers && logit.is_infinite());
        if let Some(position) = self.logits.iter().position(is_wrong) {
            return Err(not_a_number("a logit", position / self.outputs));
        }
        self.check_labels()
    }

    /// That tokens of a vocabulary fit together: they have no logits.
    fn check_tokens(&self) -> Result<()> {
        let items = self.items();
        if let Some(predicted) = self.predicted
            && predicted.len() != items
        {
            let message = format!("{} predicted tokens do not match {items} tokens with a label", predicted.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        self.check_lengths()
    }

    /// That there is a loss for each item, and that the examples have as many as there are.
    fn check_lengths(&self) -> Result<()> {
        let items = self.items();
        if let Some(losses) = self.losses
            && losses.len() != items
        {
            let message = format!("{} losses do not match {items} items", losses.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        match self.sequences.map(|lengths| lengths.iter().sum::<usize>()) {
            Some(sum) if sum != items => {
                let message = format!("the examples have {sum} labelled tokens together, but there are {items}");
                Err(Error::new(ErrorKind::Shape, message))
            }
            _ => Ok(()),
        }
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
            EvaluationLabels::Tokens(_) => Ok(()),
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
    Threshold::HALF.is_below(logit)
}

/// The probability above which a class is predicted, where an item can have several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Threshold {
    /// The logit of that probability.
    logit: f64,
}

impl Threshold {
    pub(super) const HALF: Self = Self { logit: 0.0 };

    /// A threshold that may be anything; what is no share has no logit, and is refused by [`check`](Self::check).
    pub(super) fn of(probability: f64) -> Self {
        Self { logit: (probability / (1.0 - probability)).ln() }
    }

    /// That it lies between 0 and 1.
    pub(super) fn check(self) -> Result<()> {
        if self.logit.is_finite() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Metric, "`threshold` is not a probability above 0 and below 1")
            .help("write the probability above which a class is predicted, such as `threshold = 0.3`"))
    }

    /// Whether a class with this logit is predicted.
    pub(super) fn is_below(self, logit: f32) -> bool {
        f64::from(logit) > self.logit
    }
}

/// The threshold of a metric on a batch: one half if none is said, and an error where an item has one class.
pub(super) fn only_for_several(threshold: Option<Threshold>, batch: &EvaluationBatch<'_>) -> Result<Threshold> {
    let Some(threshold) = threshold else { return Ok(Threshold::HALF) };
    if !matches!(batch.labels, EvaluationLabels::MultiHot(_)) {
        let message = "`threshold` is for several classes an item, and here each item has one";
        return Err(
            Error::new(ErrorKind::Metric, message).help("leave `threshold` out: the most probable class counts")
        );
    }
    threshold.check()?;
    Ok(threshold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::first_maximum;

    fn batch<'a>(logits: &'a [f32], labels: &'a [u32]) -> EvaluationBatch<'a> {
        let labels = EvaluationLabels::Classes(labels);
        EvaluationBatch { logits, outputs: 2, labels, ..EvaluationBatch::default() }
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

    #[test]
    fn tokens_of_a_vocabulary_need_no_logits_and_their_parts_fit_together() {
        let labels = EvaluationLabels::Tokens(&[7, 8, 9]);
        let tokens = EvaluationBatch { labels, sequences: Some(&[1, 2]), ..EvaluationBatch::default() };
        tokens.check().unwrap();
        assert_eq!((tokens.items(), tokens.kind()), (3, TaskKind::Seq2Seq));
        let refused = |batch: EvaluationBatch<'_>| batch.check().unwrap_err().to_string();
        assert_eq!(
            refused(EvaluationBatch { sequences: Some(&[1, 1]), ..tokens }),
            "the examples have 2 labelled tokens together, but there are 3"
        );
        assert_eq!(
            refused(EvaluationBatch { predicted: Some(&[7]), ..tokens }),
            "1 predicted tokens do not match 3 tokens with a label"
        );
        assert_eq!(refused(EvaluationBatch { losses: Some(&[0.5]), ..tokens }), "1 losses do not match 3 items");
    }

    #[test]
    fn a_threshold_is_a_probability_between_0_and_1() {
        assert!(Threshold::of(0.5).is_below(1e-7) && !Threshold::of(0.5).is_below(0.0));
        assert!(Threshold::of(0.3).is_below(-0.8) && !Threshold::of(0.3).is_below(-0.9));
        for wrong in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
            assert!(Threshold::of(wrong).check().is_err(), "{wrong}");
        }
        Threshold::of(0.001).check().unwrap();
    }
}
