//! What a model gives for a batch: scores, or the rows of a vocabulary's head before theirs are computed.

use candle_core::{D, DType, Tensor};

use crate::collate::Batch;
use crate::data::{Task, wrong_width};
use crate::error::{Error, ErrorKind, Result};
use crate::loss::{LabelledRows, Loss, LossSum};
use crate::model::{Output, VocabularyRows};
use crate::nn;
use crate::tensor::threads;

/// Scores that are held at once where those of a vocabulary are looked at, in numbers: 32 MB.
const CHUNK_SCORES: usize = 8 << 20;

/// What a model gives for a batch.
pub(super) enum Given {
    /// `[rows, outputs]`, or `[rows, length, outputs]` where tokens have labels.
    Scores(Output),
    /// The rows that have a label.
    Rows(VocabularyRows),
}

/// What is known of each token that has a label.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) labels: Vec<u32>,
    /// The most probable id; the first of equals.
    pub(super) predicted: Vec<u32>,
    /// The negative logarithm of the label's probability.
    pub(super) losses: Vec<f32>,
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

    /// What a vocabulary's scores say of each token with a label, some at a time.
    pub(super) fn of_tokens(&self, batch: &Batch) -> Result<Tokens> {
        let mut tokens = Tokens::default();
        match self {
            Self::Scores(_) => {
                let labels = LabelledRows::of(batch.labels()?)?;
                tokens.add(&self.of_items(batch)?, labels.labels())?;
            }
            Self::Rows(rows) => {
                let labels = rows.labels.to_vec1::<u32>()?;
                let step = (CHUNK_SCORES / rows.weight.dim(0)?.max(1)).max(1);
                for begin in (0..labels.len()).step_by(step) {
                    let some = begin..labels.len().min(begin + step);
                    tokens.add(&rows.scores(some.clone())?, &labels[some])?;
                }
            }
        }
        Ok(tokens)
    }
}

impl Tokens {
    fn add(&mut self, scores: &Tensor, labels: &[u32]) -> Result<()> {
        if labels.is_empty() {
            return Ok(());
        }
        let log_probabilities = nn::log_softmax(scores)?;
        let indices = Tensor::from_slice(labels, (labels.len(), 1), scores.device())?;
        let of_label = log_probabilities.gather(&indices, D::Minus1)?.squeeze(D::Minus1)?.neg()?;
        self.losses.extend(of_label.to_dtype(DType::F32)?.to_vec1::<f32>()?);
        self.predicted.extend(scores.argmax(D::Minus1)?.to_vec1::<u32>()?);
        self.labels.extend(labels);
        Ok(())
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
