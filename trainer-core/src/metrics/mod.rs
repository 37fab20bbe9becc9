//! Metrics, streamed: what a run is judged by.
//!
//! What comes in: logits and labels, batch by batch. What goes out: named values. It keeps no more than each metric
//! needs.

use crate::error::Result;

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

/// A value of a metric, or that it is not defined on this data.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValue {
    /// Its key in the results, such as `f1`.
    pub key: String,
    /// The value; `None` where it is not defined.
    pub value: Option<f64>,
}

/// Something to judge a model by, computed in one pass over the evaluation set.
pub trait Metric: Send {
    /// Its name, which is its key in the results or the prefix of its keys.
    fn name(&self) -> &str;

    /// Whether a larger value is better.
    fn greater_is_better(&self) -> bool {
        true
    }

    /// Forgets all batches.
    fn reset(&mut self);

    /// Takes in one batch.
    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()>;

    /// The values over all batches since the last reset.
    fn compute(&self) -> Result<Vec<MetricValue>>;
}
