//! Precision, recall and F, streamed as counts.

use super::average::mean_of_defined;
use super::batch::{Threshold, only_for_several};
use super::builtin::{BuiltIn, Shape, Statistic};
use super::counts::ClassCounts;
use super::{AbsentClasses, Average, EvaluationBatch, EvaluationLabels, Suits, ZeroDivision};
use crate::error::{Error, ErrorKind, Result};

/// A ratio of the counts of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ratio {
    /// Of the items that were predicted to have the class, the share that has it.
    Precision,
    /// Of the items that have the class, the share that was predicted to.
    Recall,
    /// The harmonic mean of both, where recall counts `beta` times as much as precision.
    F {
        /// At least 0; 1 for the usual F1.
        beta: f64,
    },
}

impl Ratio {
    /// The harmonic mean of precision and recall.
    pub const F1: Self = Self::F { beta: 1.0 };

    /// The ratio of counts: `found` items have the class and were predicted to, out of `predicted` and `actual`.
    pub fn of(self, found: u64, predicted: u64, actual: u64, zero_division: ZeroDivision) -> Option<f64> {
        let divide = |above: f64, below: f64| if below == 0.0 { zero_division.value() } else { Some(above / below) };
        let (found, predicted, actual) = (found as f64, predicted as f64, actual as f64);
        match self {
            Self::Precision | Self::F { beta: 0.0 } => divide(found, predicted),
            Self::Recall | Self::F { beta: f64::INFINITY } => divide(found, actual),
            Self::F { beta } => divide((1.0 + beta * beta) * found, beta * beta * actual + predicted),
        }
    }

    /// The ratio for each class, `[classes]`.
    pub fn per_class(self, counts: &ClassCounts, zero_division: ZeroDivision) -> Vec<Option<f64>> {
        let counted = counts.found().iter().zip(counts.predicted()).zip(counts.actual());
        counted.map(|((found, predicted), actual)| self.of(*found, *predicted, *actual, zero_division)).collect()
    }

    /// The mean over items of the ratio of their classes: both are `[items * classes]`; undefined without items.
    ///
    /// Source: `sklearn.metrics.precision_recall_fscore_support(average="samples")`.
    pub fn over_items(
        self,
        labels: &[bool],
        predictions: &[bool],
        classes: usize,
        zero_division: ZeroDivision,
    ) -> Option<f64> {
        let rows = labels.chunks(classes.max(1)).zip(predictions.chunks(classes.max(1)));
        let values: Vec<_> = rows
            .map(|(actual, predicted)| {
                self.of_item(actual.iter().copied().zip(predicted.iter().copied()), zero_division)
            })
            .collect();
        mean_of_defined(&values, None)
    }

    fn of_item(self, pairs: impl Iterator<Item = (bool, bool)>, zero_division: ZeroDivision) -> Option<f64> {
        let (mut found, mut predicted, mut actual) = (0, 0, 0);
        for (has, is_predicted) in pairs {
            actual += u64::from(has);
            predicted += u64::from(is_predicted);
            found += u64::from(has && is_predicted);
        }
        self.of(found, predicted, actual, zero_division)
    }
}

/// Precision, recall or F of the classes; made by [`precision`], [`recall`], [`f1`] and [`fbeta`].
#[derive(Clone, Debug)]
pub struct ClassRatio {
    ratio: Ratio,
    average: Average,
    zero_division: ZeroDivision,
    absent: AbsentClasses,
    threshold: Option<Threshold>,
    counts: ClassCounts,
    items: ItemMean,
}

/// The sum over items whose ratio is defined, for [`Average::Samples`].
#[derive(Clone, Debug, Default)]
struct ItemMean {
    sum: f64,
    defined: u64,
}

impl ClassRatio {
    fn new(ratio: Ratio) -> Self {
        Self {
            ratio,
            average: Average::Binary,
            zero_division: ZeroDivision::default(),
            absent: AbsentClasses::default(),
            threshold: None,
            counts: ClassCounts::default(),
            items: ItemMean::default(),
        }
    }
}

impl BuiltIn<ClassRatio> {
    /// How the classes become one value; [`Average::Binary`] if not said.
    pub fn average(mut self, average: Average) -> Self {
        self.statistic.average = average;
        self
    }

    /// What a division by zero is worth; 0 if not said.
    pub fn zero_division(mut self, zero_division: ZeroDivision) -> Self {
        self.statistic.zero_division = zero_division;
        self
    }

    /// Whether averages count classes that are nowhere; they are left out if not said.
    pub fn absent_classes(mut self, absent: AbsentClasses) -> Self {
        self.statistic.absent = absent;
        self
    }

    /// The probability above which a class is predicted, where an item can have several; one half if not said.
    ///
    /// [`best_threshold`](super::best_threshold) finds the best one on an evaluation set.
    pub fn threshold(mut self, probability: f64) -> Self {
        self.statistic.threshold = Some(Threshold::of(probability));
        self
    }
}

impl Statistic for ClassRatio {
    const SUITS: Suits = Suits::Classes;

    fn shape(&self) -> Shape {
        if self.average == Average::PerClass { Shape::PerClass } else { Shape::One }
    }

    fn reset(&mut self) {
        self.counts = ClassCounts::default();
        self.items = ItemMean::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        if let Ratio::F { beta } = self.ratio
            && (beta.is_nan() || beta < 0.0)
        {
            return Err(Error::new(ErrorKind::Metric, format!("`beta` is {beta}"))
                .help("write 0 or more: `beta` says how many times as much recall counts as precision"));
        }
        let threshold = only_for_several(self.threshold, batch)?;
        if let Some(objection) = self.average.objection(batch.kind(), batch.outputs) {
            return Err(Error::new(ErrorKind::Metric, objection).help(match batch.labels {
                EvaluationLabels::MultiHot(_) => {
                    "write `average = \"macro\"`, `\"micro\"`, `\"weighted\"` or `\"samples\"`"
                }
                _ => "write `average = \"macro\"`, `\"micro\"` or `\"weighted\"`",
            }));
        }
        if let (Average::Samples, EvaluationLabels::MultiHot(labels)) = (self.average, batch.labels) {
            for (actual, row) in labels.chunks_exact(batch.outputs).zip(batch.rows()) {
                let pairs = actual.iter().zip(row).map(|(label, logit)| (*label > 0.0, threshold.is_below(*logit)));
                if let Some(value) = self.ratio.of_item(pairs, self.zero_division) {
                    self.items.sum += value;
                    self.items.defined += 1;
                }
            }
            return Ok(());
        }
        self.counts.add_above(threshold, batch)
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        if self.average == Average::Samples {
            let ItemMean { sum, defined } = self.items;
            return Ok(vec![(defined > 0).then(|| sum / defined as f64)]);
        }
        self.counts.ratio(self.ratio, self.average, self.zero_division, self.absent)
    }
}

/// Of what was predicted, the share that is right. Key: `precision`.
///
/// Source: `sklearn.metrics.precision_score`.
pub fn precision() -> BuiltIn<ClassRatio> {
    BuiltIn::new("precision", ClassRatio::new(Ratio::Precision))
}

/// Of what is there, the share that was found. Key: `recall`.
///
/// Source: `sklearn.metrics.recall_score`.
pub fn recall() -> BuiltIn<ClassRatio> {
    BuiltIn::new("recall", ClassRatio::new(Ratio::Recall))
}

/// The harmonic mean of precision and recall. Key: `f1`.
///
/// Source: `sklearn.metrics.f1_score`.
pub fn f1() -> BuiltIn<ClassRatio> {
    BuiltIn::new("f1", ClassRatio::new(Ratio::F { beta: 1.0 }))
}

/// The harmonic mean of precision and recall, where recall counts `beta` times as much. Key: `fbeta`.
///
/// Source: `sklearn.metrics.fbeta_score`.
pub fn fbeta(beta: f64) -> BuiltIn<ClassRatio> {
    BuiltIn::new("fbeta", ClassRatio::new(Ratio::F { beta }))
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;

    const LOGITS: [f32; 9] = [2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 2.0, 0.0, 0.0];

    fn batch(labels: &[u32]) -> EvaluationBatch<'_> {
        let labels = EvaluationLabels::Classes(labels);
        EvaluationBatch { logits: &LOGITS, outputs: 3, labels, ..EvaluationBatch::default() }
    }

    #[test]
    fn without_an_average_every_class_has_its_key() {
        let mut metric = f1().average(Average::PerClass);
        metric.set_classes(&["negative", "neutral", "positive"]);
        metric.update(&batch(&[0, 1, 2])).unwrap();
        let values = metric.compute().unwrap();
        let keys: Vec<_> = values.iter().map(|value| value.key.as_str()).collect();
        assert_eq!(keys, ["f1_negative", "f1_neutral", "f1_positive"]);
        assert_eq!(keys, metric.keys());
        assert_eq!(values[1].value, Some(1.0));
    }

    #[test]
    fn the_default_average_is_refused_on_three_classes_with_what_to_write() {
        let error = f1().update(&batch(&[0, 1, 2])).unwrap_err().to_string();
        assert!(error.starts_with("metric `f1`: `average = \"binary\"`"), "{error}");
        assert!(error.contains("help: write `average = \"macro\"`"), "{error}");
    }

    #[test]
    fn a_reset_metric_has_forgotten_everything() {
        let mut metric = recall().average(Average::Macro).name("r");
        metric.update(&batch(&[2, 2, 2])).unwrap();
        metric.reset();
        assert_eq!(metric.compute().unwrap(), [super::super::MetricValue { key: "r".to_owned(), value: None }]);
        metric.update(&batch(&[0, 1, 0])).unwrap();
        assert_eq!(metric.compute().unwrap()[0].value, Some(1.0));
    }

    #[test]
    fn a_negative_beta_is_refused() {
        assert!(fbeta(-1.0).average(Average::Macro).update(&batch(&[0, 1, 2])).is_err());
        assert!(fbeta(f64::NAN).average(Average::Macro).update(&batch(&[0, 1, 2])).is_err());
    }
}
