//! Metrics of numbers: how far they are from what they should have been.
//!
//! What comes in: numbers and predictions, several for an item if the task has several outputs. What goes out: mean
//! squared and absolute error, and the share of variance explained, averaged over the outputs. They keep sums.

use super::builtin::{BuiltIn, Statistic, one_figure, other_width};
use super::{EvaluationBatch, EvaluationLabels, Suits};
use crate::error::{Error, ErrorKind, Result};

/// Errors of numbers, summed over items, for each output.
#[derive(Clone, Debug, Default)]
pub struct NumberErrors {
    outputs: Vec<OutputErrors>,
}

/// Of one output; mean and variance as Welford's running sums, which stay exact for numbers far from 0.
#[derive(Clone, Copy, Debug, Default)]
struct OutputErrors {
    items: u64,
    absolute: f64,
    squared: f64,
    mean: f64,
    around_mean: f64,
}

impl OutputErrors {
    fn add(&mut self, actual: f64, predicted: f64) {
        let error = actual - predicted;
        self.items += 1;
        self.absolute += error.abs();
        self.squared += error * error;
        let from_old_mean = actual - self.mean;
        self.mean += from_old_mean / self.items as f64;
        self.around_mean += from_old_mean * (actual - self.mean);
    }

    fn r2(&self) -> Option<f64> {
        if self.items < 2 {
            return None;
        }
        if self.around_mean == 0.0 {
            return Some(if self.squared == 0.0 { 1.0 } else { 0.0 });
        }
        Some(1.0 - self.squared / self.around_mean)
    }
}

impl NumberErrors {
    /// The errors of `predictions` from `actual`, both `[items * outputs]`.
    pub fn of(actual: &[f64], predictions: &[f64], outputs: usize) -> Result<Self> {
        if actual.len() != predictions.len() || outputs == 0 || !actual.len().is_multiple_of(outputs) {
            let message =
                format!("{} numbers do not match {} predictions in rows of {outputs}", actual.len(), predictions.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let mut errors = Self::default();
        errors.add(outputs, actual.iter().copied().zip(predictions.iter().copied()))?;
        Ok(errors)
    }

    fn add(&mut self, outputs: usize, pairs: impl Iterator<Item = (f64, f64)>) -> Result<()> {
        if self.outputs.is_empty() {
            self.outputs = vec![OutputErrors::default(); outputs];
        }
        if self.outputs.len() != outputs {
            return Err(other_width(self.outputs.len(), outputs));
        }
        for (position, (actual, predicted)) in pairs.enumerate() {
            self.outputs[position % outputs].add(actual, predicted);
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let EvaluationLabels::Values(labels) = batch.labels else { return Ok(()) };
        let exact = |values: &'_ [f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
        self.add(batch.outputs, exact(labels).into_iter().zip(exact(batch.logits)))
    }

    fn mean_over_outputs(&self, of_output: impl Fn(&OutputErrors) -> Option<f64>) -> Option<f64> {
        let values: Option<Vec<f64>> = self.outputs.iter().map(of_output).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The mean squared error; undefined without items.
    ///
    /// Source: `sklearn.metrics.mean_squared_error`.
    pub fn mse(&self) -> Option<f64> {
        self.mean_over_outputs(|output| (output.items > 0).then(|| output.squared / output.items as f64))
    }

    /// The mean absolute error; undefined without items.
    ///
    /// Source: `sklearn.metrics.mean_absolute_error`.
    pub fn mae(&self) -> Option<f64> {
        self.mean_over_outputs(|output| (output.items > 0).then(|| output.absolute / output.items as f64))
    }

    /// The share of the variance that is explained: 1 is all; undefined for fewer than two items.
    ///
    /// If all numbers are the same, it is 1 for predictions without error and else 0.
    ///
    /// Source: `sklearn.metrics.r2_score`.
    pub fn r2(&self) -> Option<f64> {
        self.mean_over_outputs(OutputErrors::r2)
    }
}

one_figure! {
    /// The mean squared error; made by [`mse`].
    Mse: NumberErrors, added by add_batch, gives mse, suits Numbers, greater_is_better false;
    /// The mean absolute error; made by [`mae`].
    Mae: NumberErrors, added by add_batch, gives mae, suits Numbers, greater_is_better false;
    /// The share of the variance that is explained; made by [`r2`].
    R2: NumberErrors, added by add_batch, gives r2, suits Numbers, greater_is_better true;
}

/// The mean squared error. Key: `mse`; smaller is better.
///
/// Source: `sklearn.metrics.mean_squared_error`.
pub fn mse() -> BuiltIn<Mse> {
    BuiltIn::new("mse", Mse::default())
}

/// The mean absolute error. Key: `mae`; smaller is better.
///
/// Source: `sklearn.metrics.mean_absolute_error`.
pub fn mae() -> BuiltIn<Mae> {
    BuiltIn::new("mae", Mae::default())
}

/// The share of the variance that is explained, up to 1. Key: `r2`.
///
/// Source: `sklearn.metrics.r2_score`.
pub fn r2() -> BuiltIn<R2> {
    BuiltIn::new("r2", R2::default())
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;

    #[test]
    fn several_outputs_are_averaged() {
        let errors = NumberErrors::of(&[1.0, 10.0, 3.0, 20.0], &[1.0, 12.0, 3.0, 20.0], 2).unwrap();
        assert_eq!(errors.mse(), Some(1.0));
        assert_eq!(errors.mae(), Some(0.5));
        // The first output is exact: 1. The second: 1 - 4 / 50.
        assert_eq!(errors.r2(), Some(f64::midpoint(1.0, 1.0 - 4.0 / 50.0)));
    }

    #[test]
    fn classes_are_refused_with_what_fits() {
        let batch = EvaluationBatch {
            logits: &[0.0, 1.0],
            outputs: 2,
            labels: EvaluationLabels::Classes(&[1]),
            ..EvaluationBatch::default()
        };
        let error = mse().update(&batch).unwrap_err().to_string();
        assert!(error.starts_with("`mse` judges numbers"), "{error}");
        assert!(error.contains("balanced_accuracy"), "{error}");
    }
}
