//! Metrics of numbers that go together: whether predictions rise where the numbers do.
//!
//! What comes in: numbers and predictions. What goes out: their correlation, of values or of ranks, averaged over the
//! outputs. Pearson's keeps sums; Spearman's keeps the numbers, because a rank is among all of them.

use super::builtin::{BuiltIn, Statistic, other_width};
use super::{EvaluationBatch, EvaluationLabels, Suits};
use crate::error::{Error, ErrorKind, Result};

/// Pearson's correlation of `actual` and `predictions`, both `[items]`, from -1 to 1.
///
/// Undefined for fewer than two items, and if either is the same for all items.
///
/// Source: `scipy.stats.pearsonr`.
pub fn pearson_of(actual: &[f64], predictions: &[f64]) -> Result<Option<f64>> {
    same_length(actual, predictions)?;
    let mut moments = Moments::default();
    actual.iter().zip(predictions).for_each(|(actual, predicted)| moments.add(*actual, *predicted));
    Ok(moments.correlation())
}

/// Spearman's correlation: Pearson's of the ranks, where equal numbers share the mean of their ranks.
///
/// Source: `scipy.stats.spearmanr`.
pub fn spearman_of(actual: &[f64], predictions: &[f64]) -> Result<Option<f64>> {
    pearson_of(&ranks(actual), &ranks(predictions))
}

fn same_length(actual: &[f64], predictions: &[f64]) -> Result<()> {
    if actual.len() == predictions.len() {
        return Ok(());
    }
    let message = format!("{} numbers do not match {} predictions", actual.len(), predictions.len());
    Err(Error::new(ErrorKind::Shape, message))
}

/// Running sums around running means, which stay exact for numbers far from 0.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    items: f64,
    mean_actual: f64,
    mean_predicted: f64,
    of_actual: f64,
    of_predicted: f64,
    of_both: f64,
}

impl Moments {
    fn add(&mut self, actual: f64, predicted: f64) {
        self.items += 1.0;
        let from_actual = actual - self.mean_actual;
        let from_predicted = predicted - self.mean_predicted;
        self.mean_actual += from_actual / self.items;
        self.mean_predicted += from_predicted / self.items;
        self.of_actual += from_actual * (actual - self.mean_actual);
        self.of_predicted += from_predicted * (predicted - self.mean_predicted);
        self.of_both += from_actual * (predicted - self.mean_predicted);
    }

    fn correlation(&self) -> Option<f64> {
        let scale = self.of_actual.sqrt() * self.of_predicted.sqrt();
        (scale > 0.0).then(|| (self.of_both / scale).clamp(-1.0, 1.0))
    }
}

/// The rank of each number, from 1; equal numbers share the mean of their ranks.
#[expect(clippy::float_cmp, reason = "a tie is of numbers that are exactly equal")]
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_unstable_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0;
    for tie in order.chunk_by(|a, b| numbers[*a] == numbers[*b]) {
        let rank = before as f64 + f64::midpoint(1.0, tie.len() as f64);
        for item in tie {
            ranks[*item] = rank;
        }
        before += tie.len();
    }
    ranks
}

/// The mean over the outputs; undefined if one of them is, or there are none.
fn mean_over_outputs(values: Option<Vec<f64>>) -> Option<f64> {
    values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
}

/// Pearson's correlation; made by [`pearson`].
#[derive(Clone, Debug, Default)]
pub struct Pearson(Vec<Moments>);

/// Spearman's correlation; made by [`spearman`].
#[derive(Clone, Debug, Default)]
pub struct Spearman {
    actual: Vec<f32>,
    predictions: Vec<f32>,
    outputs: usize,
}

impl Statistic for Pearson {
    const SUITS: Suits = Suits::Numbers;

    fn reset(&mut self) {
        self.0.clear();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let EvaluationLabels::Values(labels) = batch.labels else { return Ok(()) };
        if self.0.is_empty() {
            self.0 = vec![Moments::default(); batch.outputs];
        }
        if self.0.len() != batch.outputs {
            return Err(other_width(self.0.len(), batch.outputs));
        }
        for (position, (actual, predicted)) in labels.iter().zip(batch.logits).enumerate() {
            self.0[position % batch.outputs].add(f64::from(*actual), f64::from(*predicted));
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![mean_over_outputs(self.0.iter().map(Moments::correlation).collect())])
    }
}

impl Statistic for Spearman {
    const SUITS: Suits = Suits::Numbers;

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let EvaluationLabels::Values(labels) = batch.labels else { return Ok(()) };
        if self.outputs != batch.outputs && !self.actual.is_empty() {
            return Err(other_width(self.outputs, batch.outputs));
        }
        self.outputs = batch.outputs;
        self.actual.extend_from_slice(labels);
        self.predictions.extend_from_slice(batch.logits);
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        let output = |numbers: &[f32], output| -> Vec<f64> {
            numbers.iter().skip(output).step_by(self.outputs).map(|number| f64::from(*number)).collect()
        };
        let each: Result<Vec<Option<f64>>> = (0..self.outputs)
            .map(|index| spearman_of(&output(&self.actual, index), &output(&self.predictions, index)))
            .collect();
        Ok(vec![mean_over_outputs(each?.into_iter().collect())])
    }
}

/// Pearson's correlation of numbers and predictions, from -1 to 1. Key: `pearson`.
///
/// Source: `scipy.stats.pearsonr`.
pub fn pearson() -> BuiltIn<Pearson> {
    BuiltIn::new("pearson", Pearson::default())
}

/// Spearman's correlation of numbers and predictions: that of their ranks, from -1 to 1. Key: `spearman`.
///
/// Source: `scipy.stats.spearmanr`.
pub fn spearman() -> BuiltIn<Spearman> {
    BuiltIn::new("spearman", Spearman::default())
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;

    #[test]
    fn equal_numbers_share_a_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 0.5]), [3.5, 2.0, 3.5, 1.0]);
    }

    #[test]
    fn an_output_without_a_correlation_leaves_the_mean_undefined() {
        let labels = [1.0, 5.0, 2.0, 5.0, 3.0, 5.0];
        let batch = EvaluationBatch {
            logits: &labels,
            outputs: 2,
            labels: EvaluationLabels::Values(&labels),
            ..EvaluationBatch::default()
        };
        for mut metric in [Box::new(pearson()) as Box<dyn Metric>, Box::new(spearman())] {
            metric.update(&batch).unwrap();
            assert_eq!(metric.compute().unwrap()[0].value, None);
            metric.reset();
            let both = EvaluationBatch { logits: &[1.0, 9.0, 2.0, 8.0, 3.0, 7.0], ..batch };
            let rising = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
            metric.update(&EvaluationBatch { labels: EvaluationLabels::Values(&rising), ..both }).unwrap();
            assert!(metric.compute().unwrap()[0].value.is_some_and(|mean| mean.abs() < 1e-12));
        }
    }
}
