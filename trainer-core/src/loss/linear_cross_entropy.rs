//! Cross-entropy over a vocabulary, with the linear layer that gives its scores.
//!
//! What comes in: rows of numbers, the weight and bias of the layer, a label for each row. What goes out: a [`LossSum`].
//! The scores of all rows, `[rows, vocabulary]`, are never held at once on the CPU.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, CustomOp3, D, DType, Device, Layout, Shape, Storage, Tensor, bail};

use super::{LabelledRows, LossSum, PredictedTokens, TokenOutcomes};
use crate::error::{Error, ErrorKind, Result};
use crate::model::VocabularyRows;
use crate::nn;
use crate::nn::slices::slice;
use crate::tensor::gradients::GradientSlot;
use crate::tensor::kernels::linear_cross_entropy::{
    CHUNK_SCORES, Computed, Inputs, Wanted, linear_cross_entropy as kernel,
};

/// Cross-entropy of `hidden · weightᵀ + bias` against `labels`, as a sum and its weight: the number of rows that count.
///
/// * `hidden`: `[tokens, hidden]`; `weight`: `[vocabulary, hidden]`; `bias`: `[vocabulary]`.
/// * `labels`: `[tokens]`, `u32`; a row labelled [`IGNORE`](super::IGNORE) counts nothing, and nothing is computed for it.
/// * `label_smoothing`: the share of the target probability that is spread over the whole vocabulary, in `0..=1`.
///
/// In `f32` on the CPU it takes some rows at a time, and holds their scores alone: 32 MB, or those of one row. What the
/// backward pass needs is computed at once, while the scores of a chunk are there: the gradients of `hidden`, `weight` and
/// `bias`, each as large as what it is of, of those alone that a gradient is asked for. To compute the scores again in the
/// backward pass would cost a product in three or four, and save nothing: the gradient of the weight, the largest, is the
/// first that the backward pass asks for. A frozen weight (detached, as layers hand it out) costs no product and no memory,
/// and without any gradient the scores are all that is computed.
///
/// On other devices, and in `f64`, it is composed of candle's operations, which hold the scores of all rows that count.
///
/// # Errors
/// [`ErrorKind::Shape`] for shapes or types that do not go together; [`ErrorKind::Label`] with the position of a label that is
/// not below `vocabulary`; [`ErrorKind::Arguments`] for another `label_smoothing`.
///
/// Source: `torch.nn.functional.linear` and `cross_entropy(label_smoothing=…, ignore_index=-100, reduction="sum")`; Hsu et al.,
/// "Liger Kernel" (2024), for the gradients in the forward pass.
pub fn linear_cross_entropy(
    hidden: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    labels: &Tensor,
    label_smoothing: f64,
) -> Result<LossSum> {
    Layer { weight, bias, slot: None, label_smoothing }.loss(hidden, labels, CHUNK_SCORES, None)
}

/// The same of rows of a vocabulary's head.
///
/// # Errors
/// As [`linear_cross_entropy`].
pub(super) fn linear_cross_entropy_of(rows: &VocabularyRows, label_smoothing: f64) -> Result<LossSum> {
    Layer::of(rows, label_smoothing).loss(&rows.hidden, &rows.labels, CHUNK_SCORES, None)
}

/// The same of rows of a vocabulary's head, and what is known of each of those with a label: all from the same scores. The loss has
/// the same bits; on other devices, where it is composed, those of its parts added up.
///
/// # Errors
/// As [`linear_cross_entropy`].
pub(super) fn linear_cross_entropy_with_outcomes(
    rows: &VocabularyRows,
    label_smoothing: f64,
    predicted: PredictedTokens,
) -> Result<(LossSum, TokenOutcomes)> {
    let mut told = Told { predicted, outcomes: TokenOutcomes::default() };
    let layer = Layer::of(rows, label_smoothing);
    let loss = layer.loss(&rows.hidden, &rows.labels, CHUNK_SCORES, Some(&mut told))?;
    Ok((loss, told.outcomes))
}

/// What is asked for of each row, and what is known of those that were computed.
struct Told {
    predicted: PredictedTokens,
    outcomes: TokenOutcomes,
}

/// The size of the vocabulary.
fn check_shapes(hidden: &Tensor, weight: &Tensor, bias: Option<&Tensor>, labels: &Tensor) -> Result<usize> {
    let fit = match (hidden.dims(), weight.dims(), bias.map(Tensor::dims), labels.dims()) {
        ([tokens, width], [vocabulary, inputs], bias, [labels]) => {
            let biased = bias.is_none_or(|bias| bias == [*vocabulary]);
            tokens == labels && width == inputs && *width > 0 && *vocabulary > 0 && biased
        }
        _ => false,
    };
    let type_of = |tensor: &Tensor| tensor.dtype() == hidden.dtype();
    if fit && type_of(weight) && bias.is_none_or(type_of) {
        return Ok(weight.dims()[0]);
    }
    let shown = |tensor: &Tensor| format!("{:?} of {}", tensor.dims(), tensor.dtype().as_str());
    let with_bias = bias.map_or_else(String::new, |bias| format!(", bias {}", shown(bias)));
    let message = format!(
        "a linear layer and its labels do not go together: hidden {}, weight {}{with_bias}, labels {}",
        shown(hidden),
        shown(weight),
        shown(labels)
    );
    Err(Error::new(ErrorKind::Shape, message).help(
        "expected hidden `[tokens, hidden]`, weight `[vocabulary, hidden]`, bias `[vocabulary]` of one type, and labels \
         `[tokens]`",
    ))
}

fn check_labels(labelled: &LabelledRows, vocabulary: usize) -> Result<()> {
    let is_outside = |(_, label): &(&u32, &u32)| **label as usize >= vocabulary;
    match labelled.positions().iter().zip(labelled.labels()).find(is_outside) {
        Some((position, label)) => {
            let message =
                format!("position {position}: token {label} is out of range for a vocabulary of {vocabulary}");
            let last = vocabulary - 1;
            Err(Error::new(ErrorKind::Label, message).help(format!("tokens are numbered 0 to {last}")))
        }
        None => Ok(()),
    }
}

/// A linear layer, and how far its labels are smoothed.
struct Layer<'a> {
    weight: &'a Tensor,
    bias: Option<&'a Tensor>,
    /// Where the gradient of the weight goes, if not to the graph.
    slot: Option<&'a Arc<GradientSlot>>,
    label_smoothing: f64,
}

impl<'a> Layer<'a> {
    fn of(rows: &'a VocabularyRows, label_smoothing: f64) -> Self {
        Self { weight: &rows.weight, bias: rows.bias.as_ref(), slot: rows.slot.as_ref(), label_smoothing }
    }

    fn loss(&self, hidden: &Tensor, labels: &Tensor, chunk_scores: usize, told: Option<&mut Told>) -> Result<LossSum> {
        let Self { weight, bias, slot, label_smoothing } = *self;
        if !(0.0..=1.0).contains(&label_smoothing) {
            let message = format!("`label_smoothing` is {label_smoothing}, expected a share from 0 to 1");
            return Err(Error::new(ErrorKind::Arguments, message).help("0.1 is usual, 0 turns it off"));
        }
        let vocabulary = check_shapes(hidden, weight, bias, labels)?;
        let labelled = LabelledRows::of(labels)?;
        check_labels(&labelled, vocabulary)?;
        let count = labelled.len() as f64;
        if labelled.is_empty() {
            return Ok(LossSum::new(Tensor::zeros((), hidden.dtype(), hidden.device())?, 0.0));
        }
        let rows = labelled.gather(hidden)?.contiguous()?;
        let on_the_kernel = hidden.device().is_cpu() && hidden.dtype() == DType::F32;
        if !on_the_kernel {
            let sum = match told {
                Some(told) => self.composed_in_chunks(&rows, labelled.labels(), chunk_scores, told)?,
                None => self.composed(&rows, labelled.labels(), None)?,
            };
            return Ok(LossSum::new(sum, count));
        }
        let (weight, bias) = (weight.contiguous()?, bias.map(Tensor::contiguous).transpose()?);
        let layer = Layer { weight: &weight, bias: bias.as_ref(), slot, label_smoothing };
        let known = layer.known(&rows, labelled.labels(), chunk_scores, told)?;
        let sum = match &bias {
            Some(bias) => rows.apply_op3(&weight, bias, known)?,
            None => rows.apply_op2(&weight, known)?,
        };
        Ok(LossSum::new(sum, count))
    }

    /// The loss of contiguous rows in `f32` on the CPU, and the gradients that will be asked for.
    fn known(&self, rows: &Tensor, labels: &[u32], chunk_scores: usize, told: Option<&mut Told>) -> Result<Known> {
        let wanted = Wanted {
            rows: rows.track_op(),
            weight: self.weight.track_op(),
            bias: self.bias.is_some_and(Tensor::track_op),
            losses: told.is_some(),
            predicted: told.as_ref().is_some_and(|told| told.predicted == PredictedTokens::Wanted),
        };
        let computed = {
            let (of_rows, of_weight) = (rows.storage_and_layout(), self.weight.storage_and_layout());
            let of_bias = self.bias.map(Tensor::storage_and_layout);
            let inputs = Inputs {
                rows: numbers(&of_rows.0, of_rows.1)?,
                weight: numbers(&of_weight.0, of_weight.1)?,
                bias: of_bias.as_ref().map(|(storage, layout)| numbers(storage, layout)).transpose()?,
                labels,
                hidden: rows.dim(D::Minus1)?,
                smoothing: self.label_smoothing as f32,
            };
            let memory = self.slot.filter(|_| wanted.weight).map_or_else(Vec::new, |slot| slot.spare());
            kernel(&inputs, wanted, chunk_scores, memory)
        };
        let Computed { sum, rows: of_rows, weight, bias, losses, predicted } = computed;
        if let Some(told) = told {
            told.outcomes = TokenOutcomes { labels: labels.to_vec(), losses, predicted };
        }
        let like = |values: Vec<f32>, tensor: &Tensor, is_wanted: bool| {
            is_wanted.then(|| Tensor::from_vec(values, tensor.shape(), &Device::Cpu)).transpose()
        };
        Ok(Known {
            sum: sum as f32,
            rows: like(of_rows, rows, wanted.rows)?,
            weight: match self.slot {
                Some(slot) if wanted.weight => OfWeight::Slot(Arc::clone(slot), Mutex::new(weight)),
                _ => OfWeight::Graph(like(weight, self.weight, wanted.weight)?),
            },
            bias: self.bias.map(|tensor| like(bias, tensor, wanted.bias)).transpose()?.flatten(),
        })
    }

    /// The loss of rows in candle's own operations, so many scores at a time, and what is known of each row.
    fn composed_in_chunks(
        &self,
        rows: &Tensor,
        labels: &[u32],
        chunk_scores: usize,
        told: &mut Told,
    ) -> Result<Tensor> {
        let step = (chunk_scores / self.weight.dim(0)?.max(1)).max(1);
        let mut sum = Tensor::zeros((), rows.dtype(), rows.device())?;
        for (index, labels) in labels.chunks(step).enumerate() {
            let rows = rows.narrow(0, index * step, labels.len())?;
            sum = (sum + self.composed(&rows, labels, Some(&mut *told))?)?;
        }
        Ok(sum)
    }

    /// The loss of rows in candle's own operations.
    fn composed(&self, rows: &Tensor, labels: &[u32], told: Option<&mut Told>) -> Result<Tensor> {
        let scores = rows.matmul(&self.weight.t()?)?;
        let scores = match self.bias {
            Some(bias) => scores.broadcast_add(bias)?,
            None => scores,
        };
        let log_probabilities = nn::log_softmax(&scores)?;
        let indices = Tensor::from_slice(labels, (labels.len(), 1), rows.device())?;
        let of_labels = log_probabilities.gather(&indices, D::Minus1)?;
        if let Some(Told { predicted, outcomes }) = told {
            outcomes.add_known(&scores, &of_labels.squeeze(D::Minus1)?, labels, *predicted)?;
        }
        let of_labels = of_labels.sum_all()?;
        if self.label_smoothing == 0.0 {
            return Ok(of_labels.neg()?);
        }
        let spread = (log_probabilities.mean(D::Minus1)?.sum_all()? * self.label_smoothing)?;
        Ok(((of_labels * (1.0 - self.label_smoothing))? + spread)?.neg()?)
    }
}

fn numbers<'a>(storage: &'a Storage, layout: &Layout) -> Result<&'a [f32]> {
    match storage {
        Storage::Cpu(storage) => Ok(slice(storage, layout)?),
        _ => Err(Error::new(ErrorKind::Tensor, "the weight of the layer is on another device than its input")),
    }
}

/// A loss that is known already, with its gradients; as an operation, so that the backward pass asks for them.
struct Known {
    sum: f32,
    rows: Option<Tensor>,
    weight: OfWeight,
    bias: Option<Tensor>,
}

/// The gradient of the weight, and where it goes.
enum OfWeight {
    /// To candle's graph, if it is asked for.
    Graph(Option<Tensor>),
    /// To the slot of the parameter, once.
    Slot(Arc<GradientSlot>, Mutex<Vec<f32>>),
}

impl Known {
    fn result(&self) -> (CpuStorage, Shape) {
        (CpuStorage::F32(vec![self.sum]), Shape::from(()))
    }

    /// The gradients of rows, weight and bias, for that of the loss.
    fn gradients(&self, of_loss: &Tensor) -> candle_core::Result<[Option<Tensor>; 3]> {
        let scale = of_loss.to_scalar::<f32>()?;
        // A sum that is trained on as it is needs no copy of its gradients.
        let is_one = scale.to_bits() == 1.0f32.to_bits();
        let scaled = |gradient: &Option<Tensor>| match gradient {
            Some(gradient) if is_one => Ok(Some(gradient.clone())),
            Some(gradient) => (gradient * f64::from(scale)).map(Some),
            None => Ok(None),
        };
        let weight = match &self.weight {
            OfWeight::Graph(weight) => scaled(weight)?,
            OfWeight::Slot(slot, values) => {
                let mut values = std::mem::take(&mut *values.lock().unwrap_or_else(PoisonError::into_inner));
                if values.is_empty() {
                    bail!("the gradients of this loss were taken already");
                }
                if !is_one {
                    for value in &mut values {
                        *value *= scale;
                    }
                }
                slot.add_dense(values);
                None
            }
        };
        Ok([scaled(&self.rows)?, weight, scaled(&self.bias)?])
    }
}

impl CustomOp2 for Known {
    fn name(&self) -> &'static str {
        "linear-cross-entropy"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        Ok(self.result())
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let [rows, weight, _] = self.gradients(gradient)?;
        Ok((rows, weight))
    }
}

impl CustomOp3 for Known {
    fn name(&self) -> &'static str {
        "linear-cross-entropy"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        Ok(self.result())
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let [rows, weight, bias] = self.gradients(gradient)?;
        Ok((rows, weight, bias))
    }
}

#[cfg(test)]
mod tests;
