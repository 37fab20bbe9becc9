//! Losses, as sums with their weights.
//!
//! What comes in: the model's output and the batch. What goes out: a [`LossSum`], which is divided once for each
//! update, over the whole accumulation window. It refuses labels that do not fit the output.

mod binary_cross_entropy;
mod class_items;
mod cross_entropy;
mod focal;
mod function;
mod huber;
mod labelled_rows;
mod linear_cross_entropy;
mod mean_absolute_error;
mod mean_squared_error;
mod smoothing;
mod token_outcomes;

pub use binary_cross_entropy::{BinaryCrossEntropy, bce, weighted_bce};
pub use cross_entropy::{CrossEntropy, ce, weighted_ce};
pub use focal::{Focal, focal};
pub use function::{FunctionLoss, LossBatch, LossFunction, LossOutput, LossReturn};
pub use huber::{Huber, huber};
pub use labelled_rows::LabelledRows;
pub use linear_cross_entropy::linear_cross_entropy;
pub use mean_absolute_error::{MeanAbsoluteError, mae};
pub use mean_squared_error::{MeanSquaredError, mse};
pub use token_outcomes::{PredictedTokens, TokenOutcomes};

pub use crate::data::IGNORE;

use candle_core::{DType, Tensor};

use crate::collate::Batch;
use crate::data::TaskKind;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Output, VocabularyRows};
use crate::tensor::kernels::linear_cross_entropy::CHUNK_SCORES;

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
        let weight = weights.to_dtype(DType::F64)?.sum_all()?.to_scalar::<f64>()?;
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

    /// The loss of each item, `[items]`, for metrics that ask for it: of each token with a label where tokens have labels, else of
    /// each example. `None` if the loss only knows the sum.
    fn item_losses(&self, _output: &Output, _batch: &Batch) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// Whether it can take the rows of a vocabulary's head before their scores are computed, so that these are never held all at
    /// once; [`loss`](Self::loss) gets the scores otherwise.
    fn takes_vocabulary_rows(&self) -> bool {
        false
    }

    /// The same loss of such rows.
    ///
    /// # Errors
    /// As [`linear_cross_entropy`]; [`ErrorKind::Shape`] for a loss that does not take them.
    fn of_vocabulary(&self, _rows: &VocabularyRows) -> Result<LossSum> {
        Err(Error::new(ErrorKind::Shape, "this loss needs the scores of the whole vocabulary"))
    }

    /// The same, and what metrics are told of each of the rows. A loss that does not say how both come of one product with the
    /// table has it computed twice.
    ///
    /// # Errors
    /// As [`of_vocabulary`](Self::of_vocabulary).
    fn of_vocabulary_with_outcomes(
        &self,
        rows: &VocabularyRows,
        predicted: PredictedTokens,
    ) -> Result<(LossSum, TokenOutcomes)> {
        Ok((self.of_vocabulary(rows)?, TokenOutcomes::of_rows(rows, predicted, CHUNK_SCORES)?))
    }

    /// Whether the loss of a batch is the sum of the losses of its rows, so that a large batch may be computed in parts. False
    /// unless a loss says so: one that compares rows with each other, such as with negatives of the batch, needs them all.
    fn adds_up_over_rows(&self) -> bool {
        false
    }

    /// The same loss with a share of the target probability spread over all classes.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a loss that has no classes to spread it over.
    fn with_label_smoothing(&self, _factor: f64) -> Result<Box<dyn Loss>> {
        Err(Error::new(ErrorKind::Arguments, "`label_smoothing_factor` is set, but this loss cannot smooth labels")
            .help("take `loss = ce` or `weighted_ce([…])`, or smooth inside of your `#[loss]` function"))
    }
}

/// The loss of a task when nothing else is said: cross-entropy for one class or token of several, binary cross-entropy for several, the
/// squared error for numbers.
///
/// Source: `transformers.loss.loss_utils.ForSequenceClassificationLoss`.
pub fn of_task(kind: TaskKind) -> Box<dyn Loss> {
    match kind {
        TaskKind::SequenceClassification
        | TaskKind::TokenClassification
        | TaskKind::LanguageModeling
        | TaskKind::Conversation
        | TaskKind::Seq2Seq => Box::new(ce()),
        TaskKind::MultiLabelClassification => Box::new(bce()),
        TaskKind::Regression => Box::new(mse()),
    }
}

/// Labels as numbers, `[items, outputs]`, in the shape of the logits.
fn labels_like_logits(output: &Output, batch: &Batch, name: &str) -> Result<Tensor> {
    let (logits, labels) = (&output.logits, batch.labels()?);
    if labels.dtype() == DType::U32 || labels.elem_count() != logits.elem_count() {
        let message = format!(
            "`{name}` compares the model's outputs {:?} with labels {:?} of numbers",
            logits.dims(),
            labels.dims()
        );
        return Err(Error::new(ErrorKind::Shape, message)
            .help("the label must be as many numbers as the model has outputs; for one class of several take `ce`"));
    }
    Ok(labels.to_dtype(logits.dtype())?.reshape(logits.shape())?)
}
