//! What a model gives for a batch: scores, or the rows of a vocabulary's head before theirs are computed.

use candle_core::Tensor;

use crate::collate::Batch;
use crate::data::{Task, wrong_width};
use crate::error::{Error, ErrorKind, Result};
use crate::loss::{LabelledRows, Loss, LossSum, PredictedTokens, TokenOutcomes};
use crate::model::{Output, VocabularyRows};
use crate::tensor::threads;

/// What a model gives for a batch.
pub(super) enum Given {
    /// `[rows, outputs]`, or `[rows, length, outputs]` where tokens have labels.
    Scores(Output),
    /// The rows that have a label.
    Rows(VocabularyRows),
}

impl Given {
    pub(super) fn loss(&self, batch: &Batch, loss: &dyn Loss) -> Result<LossSum> {
        threads::run(|| match self {
            Self::Scores(output) => loss.loss(output, batch),
            Self::Rows(rows) => loss.of_vocabulary(rows),
        })
    }

    /// The same, with nothing kept for a backward pass.
    pub(super) fn detached(self) -> Self {
        match self {
            Self::Scores(output) => Self::Scores(Output { logits: output.logits.detach() }),
            Self::Rows(rows) => Self::Rows(VocabularyRows {
                hidden: rows.hidden.detach(),
                weight: rows.weight.detach(),
                bias: rows.bias.map(|bias| bias.detach()),
                ..rows
            }),
        }
    }

    /// The scores of what has labels, `[items, outputs]`: of each example, or of each token with a label.
    pub(super) fn of_items(&self, batch: &Batch) -> Result<Tensor> {
        match self {
            Self::Scores(output) => match *output.logits.dims() {
                [rows, length, outputs] => {
                    LabelledRows::of(batch.labels()?)?.gather(&output.logits.reshape((rows * length, outputs))?)
                }
                _ => Ok(output.logits.clone()),
            },
            Self::Rows(rows) => rows.scores(0..rows.labels.elem_count()),
        }
    }

    /// The loss, and what a vocabulary's scores say of each token with a label: from one product with the table, where the loss
    /// knows how.
    pub(super) fn loss_with_outcomes(
        &self,
        batch: &Batch,
        loss: &dyn Loss,
        predicted: PredictedTokens,
    ) -> Result<(LossSum, TokenOutcomes)> {
        threads::run(|| match self {
            Self::Rows(rows) => loss.of_vocabulary_with_outcomes(rows, predicted),
            Self::Scores(output) => {
                // First, as it names the row of a label that is none.
                let of_batch = loss.loss(output, batch)?;
                let (mut outcomes, labels) = (TokenOutcomes::default(), LabelledRows::of(batch.labels()?)?);
                outcomes.add(&self.of_items(batch)?, labels.labels(), predicted)?;
                Ok((of_batch, outcomes))
            }
        })
    }
}

/// That scores have the shape that a task needs, which those of a model of the user's own may not have.
pub(super) fn check_shape<T: Task>(output: &Output, batch: &Batch) -> Result<()> {
    let (found, rows) = (output.logits.dims(), batch.len());
    let refuse = |help: String| {
        let message = format!("the model gives logits of the shape {found:?} for a batch of {rows} rows");
        Err(Error::new(ErrorKind::Shape, message).help(help))
    };
    if T::KIND.is_over_tokens() {
        let labels = batch.labels.as_ref().map(Tensor::dims);
        return match (found, labels) {
            ([_, _, outputs], _) if T::OUTPUTS != 0 && *outputs != T::OUTPUTS => Err(wrong_width::<T>(*outputs)),
            ([items, length, _], Some([rows, tokens])) if items == rows && length == tokens => Ok(()),
            (_, Some(labels)) => refuse(format!("give `[rows, length, outputs]`, whose first two are {labels:?} here")),
            (_, None) => refuse("give `[rows, length, outputs]`, and lay labels out beside it".to_owned()),
        };
    }
    match found {
        [items, outputs] if *items == rows && *outputs == T::OUTPUTS => Ok(()),
        [items, outputs] if *items == rows => Err(wrong_width::<T>(*outputs)),
        _ => refuse(format!("give `[rows, outputs]`, which is [{rows}, {}] here", T::OUTPUTS)),
    }
}
