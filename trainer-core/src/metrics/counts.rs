//! Counts for each class, and what follows from them alone.
//!
//! What comes in: what items have and what was predicted for them. What goes out: accuracy, balanced accuracy,
//! Matthews' correlation, and the counts that precision and recall are made of. It keeps three counts for each class.

use super::average::{Average, mean_of_defined};
use super::batch::{Threshold, no_class};
use super::builtin::other_width;
use super::ratio::Ratio;
use super::{AbsentClasses, EvaluationBatch, EvaluationLabels, ZeroDivision, first_maximum};
use crate::data::TaskKind;
use crate::error::{Error, ErrorKind, Result};

/// How often each class was there, was predicted, and both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    found: Vec<u64>,
    predicted: Vec<u64>,
    actual: Vec<u64>,
    items: u64,
    exact: u64,
    several: bool,
}

impl ClassCounts {
    /// The counts of items that have one class each: `labels` and `predictions` are `[items]`, below `classes`.
    pub fn of_classes(labels: &[u32], predictions: &[u32], classes: usize) -> Result<Self> {
        same_length(labels.len(), predictions.len())?;
        let mut counts = Self::default();
        counts.widen(classes, false)?;
        for (item, (label, prediction)) in labels.iter().zip(predictions).enumerate() {
            let class = (*label).max(*prediction);
            if class as usize >= classes {
                return Err(no_class(class, item, classes));
            }
            counts.add_class(*label, *prediction);
        }
        Ok(counts)
    }

    /// The counts of items that can have several classes: both are `[items * classes]`.
    pub fn of_sets(labels: &[bool], predictions: &[bool], classes: usize) -> Result<Self> {
        same_length(labels.len(), predictions.len())?;
        let mut counts = Self::default();
        counts.widen(classes, true)?;
        for (actual, predicted) in labels.chunks(classes.max(1)).zip(predictions.chunks(classes.max(1))) {
            if actual.len() != classes {
                let message = format!("{} labels do not make rows of {classes} classes", labels.len());
                return Err(Error::new(ErrorKind::Shape, message));
            }
            counts.add_set(actual.iter().copied().zip(predicted.iter().copied()));
        }
        Ok(counts)
    }

    /// Adds a batch that has been checked.
    pub(super) fn add(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        self.add_above(Threshold::HALF, batch)
    }

    /// Adds a batch that has been checked, where a class of several is predicted if its probability is above `threshold`.
    pub(super) fn add_above(&mut self, threshold: Threshold, batch: &EvaluationBatch<'_>) -> Result<()> {
        match batch.labels {
            EvaluationLabels::Classes(labels) => {
                self.widen(batch.outputs, false)?;
                for (label, row) in labels.iter().zip(batch.rows()) {
                    self.add_class(*label, first_maximum(row));
                }
            }
            EvaluationLabels::MultiHot(labels) => {
                self.widen(batch.outputs, true)?;
                for (actual, row) in labels.chunks_exact(batch.outputs).zip(batch.rows()) {
                    self.add_set(
                        actual.iter().map(|label| *label > 0.0).zip(row.iter().map(|x| threshold.is_below(*x))),
                    );
                }
            }
            EvaluationLabels::Values(_) | EvaluationLabels::Tokens(_) => {}
        }
        Ok(())
    }

    fn widen(&mut self, classes: usize, several: bool) -> Result<()> {
        if self.actual.is_empty() {
            *self = Self {
                found: vec![0; classes],
                predicted: vec![0; classes],
                actual: vec![0; classes],
                several,
                ..Self::default()
            };
        }
        if self.actual.len() == classes { Ok(()) } else { Err(other_width(self.actual.len(), classes)) }
    }

    fn add_class(&mut self, label: u32, prediction: u32) {
        let right = label == prediction;
        self.items += 1;
        self.exact += u64::from(right);
        self.actual[label as usize] += 1;
        self.predicted[prediction as usize] += 1;
        self.found[label as usize] += u64::from(right);
    }

    fn add_set(&mut self, pairs: impl Iterator<Item = (bool, bool)>) {
        let mut right = true;
        for (class, (actual, predicted)) in pairs.enumerate() {
            right &= actual == predicted;
            self.actual[class] += u64::from(actual);
            self.predicted[class] += u64::from(predicted);
            self.found[class] += u64::from(actual && predicted);
        }
        self.items += 1;
        self.exact += u64::from(right);
    }

    /// Predicts a class more, of an item that has it or not; whether items are right as a whole is not counted again.
    pub(super) fn predict(&mut self, class: usize, has: bool) {
        self.predicted[class] += 1;
        self.found[class] += u64::from(has);
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.actual.len()
    }

    /// How many items were counted.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// How many items have each class, `[classes]`.
    pub fn actual(&self) -> &[u64] {
        &self.actual
    }

    /// For how many items each class was predicted, `[classes]`.
    pub fn predicted(&self) -> &[u64] {
        &self.predicted
    }

    /// How many items have each class and were predicted to, `[classes]`.
    pub fn found(&self) -> &[u64] {
        &self.found
    }

    /// Whether an item can have several classes.
    pub fn is_multi_label(&self) -> bool {
        self.several
    }

    /// The share of items with exactly the right classes; undefined without items.
    ///
    /// Source: `sklearn.metrics.accuracy_score`.
    pub fn accuracy(&self) -> Option<f64> {
        (self.items > 0).then(|| self.exact as f64 / self.items as f64)
    }

    /// The mean recall over the classes that items have; undefined without items.
    ///
    /// Source: `sklearn.metrics.balanced_accuracy_score`.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        mean_of_defined(&Ratio::Recall.per_class(self, ZeroDivision::Undefined), None)
    }

    /// Matthews' correlation between what items have and what was predicted, for one class an item.
    ///
    /// 0 where either is the same for all items; undefined without items.
    ///
    /// Source: `sklearn.metrics.matthews_corrcoef`.
    pub fn mcc(&self) -> Option<f64> {
        if self.items == 0 {
            return None;
        }
        let dot = |a: &[u64], b: &[u64]| a.iter().zip(b).map(|(a, b)| i128::from(*a) * i128::from(*b)).sum::<i128>();
        let items = i128::from(self.items);
        let covariance = i128::from(self.exact) * items - dot(&self.actual, &self.predicted);
        let of_actual = items * items - dot(&self.actual, &self.actual);
        let of_predicted = items * items - dot(&self.predicted, &self.predicted);
        if of_actual == 0 || of_predicted == 0 {
            return Some(0.0);
        }
        Some(covariance as f64 / (of_actual as f64 * of_predicted as f64).sqrt())
    }

    /// The precision, recall or F of the classes, averaged: one value, or one for each class if `average` says so.
    ///
    /// Undefined without items. [`Average::Samples`] is refused: it does not follow from counts of classes.
    ///
    /// Source: `sklearn.metrics.precision_recall_fscore_support`.
    pub fn ratio(
        &self,
        ratio: Ratio,
        average: Average,
        zero_division: ZeroDivision,
        absent: AbsentClasses,
    ) -> Result<Vec<Option<f64>>> {
        let kind = if self.several { TaskKind::MultiLabelClassification } else { TaskKind::SequenceClassification };
        if self.classes() > 0
            && let Some(objection) = average.objection(kind, self.classes())
        {
            return Err(Error::new(ErrorKind::Metric, objection).help(
                "write one of `average = \"macro\"`, `\"micro\"`, `\"weighted\"`, or `\"none\"` for a value of each class",
            ));
        }
        if average == Average::Samples {
            return Err(Error::new(
                ErrorKind::Metric,
                "`average = \"samples\"` does not follow from counts of classes",
            ));
        }
        if self.items == 0 {
            return Ok(if average == Average::PerClass { vec![None; self.classes()] } else { vec![None] });
        }
        let values = ratio.per_class(self, zero_division);
        let (values, weights) = self.averaged_classes(values, absent);
        Ok(match average {
            Average::PerClass => ratio.per_class(self, zero_division),
            Average::Binary => vec![ratio.per_class(self, zero_division).get(1).copied().flatten()],
            Average::Macro => vec![mean_of_defined(&values, None)],
            Average::Weighted => vec![mean_of_defined(&values, Some(&weights))],
            Average::Micro | Average::Samples => {
                let sum = |counts: &[u64]| counts.iter().sum::<u64>();
                vec![ratio.of(sum(&self.found), sum(&self.predicted), sum(&self.actual), zero_division)]
            }
        })
    }

    /// The values of the classes that an average is over, and how many items have each.
    fn averaged_classes(&self, values: Vec<Option<f64>>, absent: AbsentClasses) -> (Vec<Option<f64>>, Vec<f64>) {
        let everything = self.several || absent == AbsentClasses::Counted;
        let counts = self.actual.iter().zip(&self.predicted);
        let averaged = values
            .into_iter()
            .zip(counts)
            .filter(|(_, (actual, predicted))| everything || **actual > 0 || **predicted > 0);
        averaged.map(|(value, (actual, _))| (value, *actual as f64)).unzip()
    }
}

fn same_length(labels: usize, predictions: usize) -> Result<()> {
    if labels == predictions {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Shape, format!("{labels} labels do not match {predictions} predictions")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_nowhere_counts_only_if_asked() {
        let counts = ClassCounts::of_classes(&[0, 0, 1], &[0, 0, 1], 3).unwrap();
        let f1 = |absent| counts.ratio(Ratio::F { beta: 1.0 }, Average::Macro, ZeroDivision::Zero, absent).unwrap();
        assert_eq!(f1(AbsentClasses::LeftOut), [Some(1.0)]);
        assert_eq!(f1(AbsentClasses::Counted), [Some(2.0 / 3.0)]);
    }

    #[test]
    fn binary_on_three_classes_is_refused() {
        let counts = ClassCounts::of_classes(&[0, 2], &[0, 1], 3).unwrap();
        let error =
            counts.ratio(Ratio::Recall, Average::Binary, ZeroDivision::Zero, AbsentClasses::LeftOut).unwrap_err();
        assert!(error.message().contains("two classes"), "{error}");
    }

    #[test]
    fn a_prediction_that_is_no_class_is_refused() {
        assert_eq!(ClassCounts::of_classes(&[0], &[3], 3).unwrap_err().kind(), ErrorKind::Label);
        assert_eq!(ClassCounts::of_classes(&[0, 1], &[0], 3).unwrap_err().kind(), ErrorKind::Shape);
    }

    #[test]
    fn rows_of_another_width_are_refused() {
        assert_eq!(ClassCounts::of_sets(&[true; 5], &[true; 5], 2).unwrap_err().kind(), ErrorKind::Shape);
    }
}
