//! Losses, as sums with their weights.
//!
//! What comes in: the model's output and the batch. What goes out: a [`LossSum`], which is divided once for each
//! update, over the whole accumulation window. It refuses labels that do not fit the output.

mod function;

pub use function::{FunctionLoss, LossBatch, LossFunction, LossOutput, LossReturn};

use candle_core::Tensor;

use crate::collate::Batch;
use crate::error::Result;
use crate::model::Output;

/// A sum of losses and the weight to divide it by: never a mean, so that no split of a batch can change the gradient.
#[derive(Clone, Debug)]
pub struct LossSum {
    sum: Tensor,
    weight: f64,
}

impl LossSum {
    /// `sum` is a scalar tensor in the graph; `weight` what the update divides by.
    pub fn new(sum: Tensor, weight: f64) -> Self {
        Self { sum, weight }
    }

    /// The sum of `per_item * weights`, with the sum of `weights` as its weight; both `[items]`.
    pub fn weighted(per_item: &Tensor, weights: &Tensor) -> Result<Self> {
        let weights = weights.to_dtype(per_item.dtype())?;
        let weight = weights.sum_all()?.to_dtype(candle_core::DType::F64)?.to_scalar::<f64>()?;
        Ok(Self { sum: per_item.mul(&weights)?.sum_all()?, weight })
    }

    /// The sum, a scalar in the graph.
    pub fn sum(&self) -> &Tensor {
        &self.sum
    }

    /// What the sum is divided by, once for each update.
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

/// Compares a model's output with the labels of its batch.
pub trait Loss: Send + Sync {
    /// The sum of the losses of the batch, and its weight.
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum>;
}
