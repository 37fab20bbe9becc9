//! Metrics that follow from which class was predicted: they keep counts.

use super::batch::{Threshold, only_for_several};
use super::builtin::{BuiltIn, Shape, Statistic, one_figure};
use super::counts::ClassCounts;
use super::{ConfusionMatrix, EvaluationBatch, EvaluationLabels, KappaWeights, Suits};
use crate::error::{Error, ErrorKind, Result};

/// The share of items that are right; made by [`accuracy`].
#[derive(Clone, Debug, Default)]
pub struct Accuracy {
    counts: ClassCounts,
    threshold: Option<Threshold>,
    /// Of the tokens of a vocabulary: how many are right, and how many there are.
    tokens: (u64, u64),
}

impl Statistic for Accuracy {
    const SUITS: Suits = Suits::ClassesAndTokens;

    fn reset(&mut self) {
        *self = Self { threshold: self.threshold, ..Self::default() };
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let threshold = only_for_several(self.threshold, batch)?;
        let EvaluationLabels::Tokens(labels) = batch.labels else { return self.counts.add_above(threshold, batch) };
        let Some(predicted) = batch.predicted.or(labels.is_empty().then_some(&[])) else {
            let message = "it compares tokens with the most probable ones, and this evaluation has none of these";
            return Err(Error::new(ErrorKind::Metric, message)
                .help("a batch of tokens that is made by hand needs `predicted: Some(…)`"));
        };
        self.tokens.0 += labels.iter().zip(predicted).filter(|(label, predicted)| label == predicted).count() as u64;
        self.tokens.1 += labels.len() as u64;
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        let (right, all) = self.tokens;
        Ok(vec![if all > 0 { Some(right as f64 / all as f64) } else { self.counts.accuracy() }])
    }
}

impl BuiltIn<Accuracy> {
    /// The probability above which a class is predicted, where an item can have several; one half if not said.
    pub fn threshold(mut self, probability: f64) -> Self {
        self.statistic.threshold = Some(Threshold::of(probability));
        self
    }
}

one_figure! {
    /// The mean recall; made by [`balanced_accuracy`].
    BalancedAccuracy: ClassCounts, added by add, gives balanced_accuracy, suits OneClass, greater_is_better true;
    /// Matthews' correlation; made by [`mcc`].
    Mcc: ClassCounts, added by add, gives mcc, suits OneClass, greater_is_better true;
}

/// Cohen's kappa; made by [`cohen_kappa`].
#[derive(Clone, Debug, Default)]
pub struct CohenKappa {
    weights: KappaWeights,
    confusion: ConfusionMatrix,
}

/// The confusion matrix, printed under the values; made by [`confusion_matrix`].
#[derive(Clone, Debug, Default)]
pub struct ConfusionTable(ConfusionMatrix);

impl Statistic for CohenKappa {
    const SUITS: Suits = Suits::OneClass;

    fn reset(&mut self) {
        self.confusion = ConfusionMatrix::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        self.confusion.add(batch)
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.confusion.cohen_kappa(self.weights)])
    }
}

impl Statistic for ConfusionTable {
    const SUITS: Suits = Suits::OneClass;

    fn shape(&self) -> Shape {
        Shape::Nothing
    }

    fn reset(&mut self) {
        self.0 = ConfusionMatrix::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        self.0.add(batch)
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(Vec::new())
    }

    fn table(&self, classes: &[String]) -> Option<String> {
        Some(self.0.clone().named(classes.to_vec()).to_string())
    }
}

impl BuiltIn<CohenKappa> {
    /// How much it matters that one class was taken for another; all confusions are alike if not said.
    pub fn weights(mut self, weights: KappaWeights) -> Self {
        self.statistic.weights = weights;
        self
    }
}

/// The share of items whose class or token is right, or whose classes are all right. Key: `accuracy`.
///
/// Source: `sklearn.metrics.accuracy_score`.
pub fn accuracy() -> BuiltIn<Accuracy> {
    BuiltIn::new("accuracy", Accuracy::default())
}

/// The mean recall over the classes that items have. Key: `balanced_accuracy`.
///
/// Source: `sklearn.metrics.balanced_accuracy_score`.
pub fn balanced_accuracy() -> BuiltIn<BalancedAccuracy> {
    BuiltIn::new("balanced_accuracy", BalancedAccuracy::default())
}

/// Matthews' correlation of labels and predictions, from -1 to 1. Key: `mcc`.
///
/// Source: `sklearn.metrics.matthews_corrcoef`.
pub fn mcc() -> BuiltIn<Mcc> {
    BuiltIn::new("mcc", Mcc::default())
}

/// How much better the agreement is than by chance, up to 1. Key: `cohen_kappa`.
///
/// Source: `sklearn.metrics.cohen_kappa_score`.
pub fn cohen_kappa() -> BuiltIn<CohenKappa> {
    BuiltIn::new("cohen_kappa", CohenKappa::default())
}

/// Prints the confusion matrix under the values; it has no value, so no key.
///
/// The matrix itself is in [`Metrics::confusion_matrix`](super::Metrics::confusion_matrix), with or without this.
///
/// Source: `sklearn.metrics.confusion_matrix`.
pub fn confusion_matrix() -> BuiltIn<ConfusionTable> {
    BuiltIn::new("confusion_matrix", ConfusionTable::default())
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;

    #[test]
    fn tokens_are_right_or_wrong_over_all_batches() {
        let mut metric = accuracy();
        assert!(metric.needs_predicted_tokens() && !mcc().needs_predicted_tokens());
        let batch = |labels, predicted| EvaluationBatch {
            labels: EvaluationLabels::Tokens(labels),
            predicted: Some(predicted),
            ..EvaluationBatch::default()
        };
        metric.update(&batch(&[4, 5, 6], &[4, 5, 7])).unwrap();
        metric.update(&batch(&[9], &[9])).unwrap();
        assert_eq!(metric.compute().unwrap()[0].value, Some(0.75));
        metric.reset();
        assert_eq!(metric.compute().unwrap()[0].value, None);
        let error = metric.update(&EvaluationBatch { predicted: None, ..batch(&[4], &[4]) }).unwrap_err();
        assert!(error.message().starts_with("metric `accuracy`: it compares tokens"), "{error}");
    }

    #[test]
    fn a_threshold_is_for_several_classes_an_item() {
        let logits = [-0.5, 1.0, -0.5, -3.0];
        let labels = EvaluationLabels::MultiHot(&[1.0, 1.0, 1.0, 0.0]);
        let several = EvaluationBatch { logits: &logits, outputs: 2, labels, ..EvaluationBatch::default() };
        let value = |mut metric: BuiltIn<Accuracy>| {
            metric.update(&several).unwrap();
            metric.compute().unwrap()[0].value
        };
        assert_eq!([value(accuracy()), value(accuracy().threshold(0.3))], [Some(0.0), Some(1.0)]);
        let one = EvaluationBatch { labels: EvaluationLabels::Classes(&[0, 1]), ..several };
        let error = accuracy().threshold(0.3).update(&one).unwrap_err();
        assert!(error.message().contains("`threshold` is for several classes an item"), "{error}");
        assert!(accuracy().threshold(1.0).update(&several).is_err());
    }
}
