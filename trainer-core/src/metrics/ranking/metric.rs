//! The rankings as metrics: they keep the logits and labels of the evaluation set.

use super::super::builtin::{BuiltIn, Shape, Statistic, other_width};
use super::super::probability::softmax;
use super::super::{Average, EvaluationBatch, EvaluationLabels, Suits};
use super::{MultiClass, Ranking};
use crate::error::Result;

/// The area under the ROC curve; made by [`roc_auc`].
pub type RocAuc = RankingMetric<true>;

/// The average precision; made by [`average_precision`].
pub type AveragePrecision = RankingMetric<false>;

/// What [`RocAuc`] and [`AveragePrecision`] share.
#[derive(Clone, Debug)]
pub struct RankingMetric<const ROC: bool> {
    average: Average,
    multi_class: MultiClass,
    logits: Vec<f32>,
    labels: KeptLabels,
    classes: usize,
}

#[derive(Clone, Debug)]
enum KeptLabels {
    Classes(Vec<u32>),
    Sets(Vec<bool>),
}

impl<const ROC: bool> RankingMetric<ROC> {
    const RANKING: Ranking = if ROC { Ranking::RocAuc } else { Ranking::AveragePrecision };

    fn new() -> Self {
        Self {
            average: Average::Macro,
            multi_class: MultiClass::default(),
            logits: Vec::new(),
            labels: KeptLabels::Classes(Vec::new()),
            classes: 0,
        }
    }
}

impl<const ROC: bool> Statistic for RankingMetric<ROC> {
    const SUITS: Suits = Suits::Classes;

    fn shape(&self) -> Shape {
        if self.average == Average::PerClass { Shape::PerClass } else { Shape::One }
    }

    fn reset(&mut self) {
        *self = Self { average: self.average, multi_class: self.multi_class, ..Self::new() };
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        if self.classes != batch.outputs && !self.logits.is_empty() {
            return Err(other_width(self.classes, batch.outputs));
        }
        self.classes = batch.outputs;
        self.logits.extend_from_slice(batch.logits);
        match (&mut self.labels, batch.labels) {
            (KeptLabels::Classes(kept), EvaluationLabels::Classes(labels)) => kept.extend_from_slice(labels),
            (KeptLabels::Sets(kept), EvaluationLabels::MultiHot(labels)) => {
                kept.extend(labels.iter().map(|label| *label > 0.0));
            }
            (kept, EvaluationLabels::MultiHot(labels)) => {
                *kept = KeptLabels::Sets(labels.iter().map(|label| *label > 0.0).collect());
            }
            _ => {}
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        if self.classes == 0 {
            return Ok(if self.average == Average::PerClass { Vec::new() } else { vec![None] });
        }
        match &self.labels {
            KeptLabels::Classes(labels) => {
                let mut probabilities = Vec::with_capacity(self.logits.len());
                for row in self.logits.chunks_exact(self.classes) {
                    probabilities.extend(softmax(row)?);
                }
                Self::RANKING.over_classes(labels, &probabilities, self.classes, self.average, self.multi_class)
            }
            // The sigmoid keeps the order, so logits rank as probabilities do.
            KeptLabels::Sets(labels) => {
                let scores: Vec<f64> = self.logits.iter().map(|logit| f64::from(*logit)).collect();
                Self::RANKING.over_sets(labels, &scores, self.classes, self.average)
            }
        }
    }
}

impl<const ROC: bool> BuiltIn<RankingMetric<ROC>> {
    /// How the classes become one value; [`Average::Macro`] if not said. It matters for more than two classes.
    pub fn average(mut self, average: Average) -> Self {
        self.statistic.average = average;
        self
    }
}

impl BuiltIn<RocAuc> {
    /// Whether each class is against all others together or one by one; together, if not said.
    pub fn multi_class(mut self, multi_class: MultiClass) -> Self {
        self.statistic.multi_class = multi_class;
        self
    }
}

/// The share of pairs that the scores put in the right order. Key: `roc_auc`.
///
/// With two classes the scores are the probabilities of the second.
///
/// Source: `sklearn.metrics.roc_auc_score`.
pub fn roc_auc() -> BuiltIn<RocAuc> {
    BuiltIn::new("roc_auc", RocAuc::new())
}

/// The mean precision at the scores of the items with the class. Key: `average_precision`.
///
/// With two classes the scores are the probabilities of the second.
///
/// Source: `sklearn.metrics.average_precision_score`.
pub fn average_precision() -> BuiltIn<AveragePrecision> {
    BuiltIn::new("average_precision", AveragePrecision::new())
}
