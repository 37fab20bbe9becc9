//! Metrics of probabilities: how sure the model was of what is right.
//!
//! What comes in: labels and the probability of every class. What goes out: log loss, Brier score, and how often the
//! right class is among the first. They keep a sum.

use super::batch::no_class;
use super::builtin::{BuiltIn, Statistic};
use super::{EvaluationBatch, EvaluationLabels, Suits};
use crate::error::{Error, ErrorKind, Result};

/// The softmax of the logits of one item, `[classes]`, in `f64`.
///
/// # Errors
/// [`ErrorKind::Numeric`] if they have no largest finite value, so that no probabilities follow from them.
pub fn softmax(logits: &[f32]) -> Result<Vec<f64>> {
    let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    if !largest.is_finite() || logits.iter().any(|logit| logit.is_nan()) {
        return Err(Error::new(
            ErrorKind::Numeric,
            "the logits of an item are not finite, so they give no probabilities",
        )
        .help("the run has diverged: try a lower `learning_rate`"));
    }
    let exponentials: Vec<f64> = logits.iter().map(|logit| (f64::from(*logit) - largest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    Ok(exponentials.iter().map(|exponential| exponential / sum).collect())
}

/// The mean of `-ln(p)`, where `p` is the probability of the right class; undefined without items.
///
/// `labels` is `[items]`, `probabilities` `[items * classes]`. A probability counts as no nearer to 0 or 1 than
/// [`f64::EPSILON`].
///
/// Source: `sklearn.metrics.log_loss`.
pub fn log_loss_of(labels: &[u32], probabilities: &[f64], classes: usize) -> Result<Option<f64>> {
    mean_over_items(labels, probabilities, classes, surprise)
}

/// The mean squared distance of the probabilities from 1 for the right class and 0 for the others.
///
/// `labels` is `[items]`, `probabilities` `[items * classes]`; undefined without items. With two classes it is that
/// of the second class alone, which is half of the sum over both; with `BrierScale::Half` the sum is always halved.
///
/// Source: `sklearn.metrics.brier_score_loss`.
pub fn brier_of(labels: &[u32], probabilities: &[f64], classes: usize, scale: BrierScale) -> Result<Option<f64>> {
    mean_over_items(labels, probabilities, classes, |label, row| squared_distance(label, row, scale))
}

/// The share of items whose class is among the `k` with the highest scores.
///
/// `labels` is `[items]`, `scores` `[items * classes]`; undefined without items. Of equal scores the last counts as
/// the highest; with two classes, the first.
///
/// Source: `sklearn.metrics.top_k_accuracy_score`.
pub fn top_k_of(labels: &[u32], scores: &[f64], classes: usize, k: usize) -> Result<Option<f64>> {
    mean_over_items(labels, scores, classes, |label, row| f64::from(is_among_first(label, row, k)))
}

/// Whether the Brier score of more than two classes is halved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrierScale {
    /// Halved for two classes only, so that it is the usual score there: from 0 to 1, else from 0 to 2.
    #[default]
    Usual,
    /// Always halved, so that it is from 0 to 1.
    Half,
}

fn mean_over_items(
    labels: &[u32],
    scores: &[f64],
    classes: usize,
    of_item: impl Fn(usize, &[f64]) -> f64,
) -> Result<Option<f64>> {
    if labels.len().checked_mul(classes) != Some(scores.len()) || classes == 0 {
        let message = format!("{} scores do not match {} items of {classes} classes", scores.len(), labels.len());
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let mut mean = Mean::default();
    for (item, (label, row)) in labels.iter().zip(scores.chunks_exact(classes)).enumerate() {
        if *label as usize >= classes {
            return Err(no_class(*label, item, classes));
        }
        mean.add(of_item(*label as usize, row));
    }
    Ok(mean.value())
}

fn surprise(label: usize, probabilities: &[f64]) -> f64 {
    -probabilities[label].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

fn squared_distance(label: usize, probabilities: &[f64], scale: BrierScale) -> f64 {
    let right = |class| f64::from(class == label);
    let sum: f64 = probabilities.iter().enumerate().map(|(class, p)| (p - right(class)).powi(2)).sum();
    if scale == BrierScale::Half || probabilities.len() == 2 { sum / 2.0 } else { sum }
}

#[expect(clippy::float_cmp, reason = "a tie is of scores that are exactly equal")]
fn is_among_first(label: usize, scores: &[f64], k: usize) -> bool {
    let own = scores[label];
    let two = scores.len() == 2;
    let before = scores.iter().enumerate().filter(|(class, score)| {
        let wins_tie = if two { *class < label } else { *class > label };
        **score > own || (**score == own && wins_tie)
    });
    before.count() < k
}

/// A running mean.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    items: u64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.items += 1;
    }

    fn value(self) -> Option<f64> {
        (self.items > 0).then(|| self.sum / self.items as f64)
    }

    fn add_batch(&mut self, batch: &EvaluationBatch<'_>, of_item: impl Fn(usize, &[f64]) -> f64) -> Result<()> {
        if let EvaluationLabels::Classes(labels) = batch.labels {
            for (label, row) in labels.iter().zip(batch.rows()) {
                self.add(of_item(*label as usize, &softmax(row)?));
            }
        }
        Ok(())
    }
}

/// The log loss; made by [`log_loss`].
#[derive(Clone, Debug, Default)]
pub struct LogLoss(Mean);

/// The Brier score; made by [`brier`].
#[derive(Clone, Debug, Default)]
pub struct Brier {
    scale: BrierScale,
    mean: Mean,
}

/// How often the right class is among the first; made by [`top_k`].
#[derive(Clone, Debug)]
pub struct TopK {
    k: usize,
    mean: Mean,
}

impl Statistic for LogLoss {
    const SUITS: Suits = Suits::OneClass;

    fn greater_is_better(&self) -> bool {
        false
    }

    fn reset(&mut self) {
        self.0 = Mean::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        self.0.add_batch(batch, surprise)
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.0.value()])
    }
}

impl Statistic for Brier {
    const SUITS: Suits = Suits::OneClass;

    fn greater_is_better(&self) -> bool {
        false
    }

    fn reset(&mut self) {
        self.mean = Mean::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let scale = self.scale;
        self.mean.add_batch(batch, |label, row| squared_distance(label, row, scale))
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.mean.value()])
    }
}

impl Statistic for TopK {
    const SUITS: Suits = Suits::OneClass;

    fn reset(&mut self) {
        self.mean = Mean::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        if self.k == 0 {
            return Err(Error::new(ErrorKind::Metric, "no class is among the first 0").help("write `top_k(1)` or more"));
        }
        let k = self.k;
        self.mean.add_batch(batch, |label, row| f64::from(is_among_first(label, row, k)))
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.mean.value()])
    }
}

impl BuiltIn<Brier> {
    /// Whether the score of more than two classes is halved; it is not, if not said.
    pub fn scale(mut self, scale: BrierScale) -> Self {
        self.statistic.scale = scale;
        self
    }
}

/// The mean of `-ln(p)` of the right class. Key: `log_loss`; smaller is better.
///
/// Source: `sklearn.metrics.log_loss`.
pub fn log_loss() -> BuiltIn<LogLoss> {
    BuiltIn::new("log_loss", LogLoss::default())
}

/// The mean squared distance of the probabilities from the truth. Key: `brier`; smaller is better.
///
/// Source: `sklearn.metrics.brier_score_loss`.
pub fn brier() -> BuiltIn<Brier> {
    BuiltIn::new("brier", Brier::default())
}

/// The share of items whose class is among the `k` most probable. Key: `top_<k>`, such as `top_5`.
///
/// Source: `sklearn.metrics.top_k_accuracy_score`.
pub fn top_k(k: usize) -> BuiltIn<TopK> {
    BuiltIn::new(&format!("top_{k}"), TopK { k, mean: Mean::default() })
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;

    fn batch<'a>(logits: &'a [f32], labels: &'a [u32]) -> EvaluationBatch<'a> {
        EvaluationBatch { logits, outputs: 2, labels: EvaluationLabels::Classes(labels), ..EvaluationBatch::default() }
    }

    #[test]
    fn large_logits_give_probabilities() {
        let probabilities = softmax(&[1000.0, 999.0]).unwrap();
        assert!((probabilities[0] - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-15);
        assert_eq!(softmax(&[f32::NEG_INFINITY, 0.0]).unwrap(), [0.0, 1.0]);
    }

    #[test]
    fn logits_without_probabilities_are_refused() {
        for logits in [[f32::INFINITY, 0.0], [f32::NEG_INFINITY; 2], [f32::NAN, 0.0]] {
            assert_eq!(softmax(&logits).unwrap_err().kind(), ErrorKind::Numeric);
        }
    }

    #[test]
    fn of_two_equal_scores_the_first_class_is_the_first() {
        assert_eq!(top_k_of(&[0, 1], &[0.5; 4], 2, 1).unwrap(), Some(0.5));
        let mut metric = top_k(1);
        metric.update(&batch(&[1.0, 1.0], &[0])).unwrap();
        assert_eq!(metric.compute().unwrap()[0].value, Some(1.0));
        assert_eq!(metric.keys(), ["top_1"]);
    }

    #[test]
    fn the_first_zero_classes_are_refused() {
        assert!(top_k(0).update(&batch(&[1.0, 0.0], &[0])).is_err());
    }

    #[test]
    fn a_metric_of_one_class_refuses_several_with_what_fits() {
        let several = EvaluationBatch { labels: EvaluationLabels::MultiHot(&[1.0, 1.0]), ..batch(&[0.0, 0.0], &[]) };
        let error = log_loss().update(&several).unwrap_err().to_string();
        assert_eq!(
            error,
            "`log_loss` judges one class an item, and this task has something else\n\
             help: these fit: accuracy, precision, recall, f1, fbeta, roc_auc, average_precision"
        );
    }
}
