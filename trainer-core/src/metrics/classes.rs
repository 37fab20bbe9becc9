//! Metrics that follow from which class was predicted: they keep counts.

use super::builtin::{BuiltIn, Shape, Statistic, one_figure};
use super::counts::ClassCounts;
use super::{ConfusionMatrix, EvaluationBatch, KappaWeights, Suits};
use crate::error::Result;

one_figure! {
    /// The share of items that are right; made by [`accuracy`].
    Accuracy: ClassCounts, added by add, gives accuracy, suits Classes, greater_is_better true;
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

/// The share of items whose class is right, or whose classes are all right. Key: `accuracy`.
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
