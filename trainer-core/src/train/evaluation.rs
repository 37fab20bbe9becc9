//! Evaluation: items go through the model without randomness, batch by batch, into the loss and the metrics.

use std::time::Instant;

use candle_core::{D, DType};

use super::{LogEntry, number_to_json};
use crate::collate::{Batch, Collator, Item};
use crate::data::{Task, TaskKind, wrong_width};
use crate::error::{Error, ErrorKind, Result};
use crate::loss::Loss;
use crate::metrics::{EvaluationBatch, EvaluationLabels, MetricSet, Metrics};
use crate::model::{Model, Output};
use crate::tensor::random::Mode;
use crate::tensor::threads;
use crate::text::Tokenizer;

/// What lays items out and what takes them.
pub(crate) struct Pass<'a, M> {
    pub(crate) model: &'a M,
    pub(crate) collator: &'a dyn Collator,
    pub(crate) tokenizer: Option<&'a Tokenizer>,
    pub(crate) batch_size: usize,
}

/// How many batches an evaluation took, of how many, in how long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    pub(crate) rows: usize,
    pub(crate) batches: usize,
    pub(crate) seconds: f64,
}

impl<M: Model> Pass<'_, M> {
    /// How many batches `rows` items make.
    pub(crate) fn batches(&self, rows: usize) -> usize {
        rows.div_ceil(self.batch_size.max(1))
    }

    /// The items as one batch, where the model is.
    pub(crate) fn batch(&self, items: &[Item]) -> Result<Batch> {
        self.collator.collate(items, self.tokenizer)?.to_device(self.model.parameters().device())
    }

    /// The logits of a batch, `[rows, outputs]`, as the task `T` needs them.
    ///
    /// # Errors
    /// Those of the model; [`ErrorKind::Shape`] for logits of another shape, which only a model of the user's own gives.
    pub(crate) fn forward<T: Task>(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let output = threads::run_on_first(|| self.model.forward(batch, mode))?;
        let (found, rows) = (output.logits.dims(), batch.len());
        match found {
            [items, outputs] if *items == rows && *outputs == T::OUTPUTS => Ok(output),
            [items, outputs] if *items == rows => Err(wrong_width::<T>(*outputs)),
            _ => {
                let message = format!("the model gives logits of the shape {found:?} for a batch of {rows} rows");
                Err(Error::new(ErrorKind::Shape, message)
                    .help(format!("give `[rows, outputs]`, which is [{rows}, {}] here", T::OUTPUTS)))
            }
        }
    }

    /// The logits of every item, in their order, row by row; and how many there are for an item.
    pub(crate) fn logits<T: Task>(
        &self,
        items: &[Item],
        mut done: impl FnMut(usize) -> Result<()>,
    ) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::with_capacity(items.len());
        for (index, items) in items.chunks(self.batch_size.max(1)).enumerate() {
            let output = self.forward::<T>(&self.batch(items)?, Mode::Evaluate)?;
            all.extend(output.logits.detach().to_dtype(DType::F32)?.to_vec2::<f32>()?);
            done(index + 1)?;
        }
        Ok(all)
    }

    /// The loss and the metrics over all items. The loss is exact: the sum over all items divided by their weight.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] if there are no items or they have no labels.
    pub(crate) fn evaluate<T: Task>(
        &self,
        items: &[Item],
        loss: &dyn Loss,
        metrics: &mut MetricSet,
        mut done: impl FnMut(usize) -> Result<()>,
    ) -> Result<(Metrics, Pace)> {
        let begin = Instant::now();
        metrics.reset();
        let (mut sum, mut weight) = (0.0, 0.0);
        for (index, items) in items.chunks(self.batch_size.max(1)).enumerate() {
            let batch = self.batch(items)?;
            let mut output = self.forward::<T>(&batch, Mode::Evaluate)?;
            output.logits = output.logits.detach();
            let of_batch = loss.loss(&output, &batch)?;
            sum += of_batch.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?;
            weight += of_batch.weight();
            let losses = loss.item_losses(&output, &batch)?;
            let losses = losses.map(|losses| losses.to_dtype(DType::F32)?.to_vec1::<f32>()).transpose()?;
            let logits = output.logits.to_dtype(DType::F32)?;
            let (outputs, logits) = (logits.dim(D::Minus1)?, logits.flatten_all()?.to_vec1::<f32>()?);
            let labels = HostLabels::of::<T>(&batch)?;
            metrics.update(&EvaluationBatch {
                logits: &logits,
                outputs,
                labels: labels.view(),
                losses: losses.as_deref(),
            })?;
            done(index + 1)?;
        }
        if items.is_empty() {
            return Err(Error::new(ErrorKind::Data, "the evaluation set has no rows"));
        }
        let mut all = metrics.compute()?;
        all.insert_first("loss", (weight > 0.0).then(|| sum / weight))?;
        let seconds = begin.elapsed().as_secs_f64();
        Ok((all, Pace { rows: items.len(), batches: self.batches(items.len()), seconds }))
    }
}

impl Pace {
    /// The entries that Hugging Face logs of an evaluation: `<prefix>runtime` and the rates.
    pub(crate) fn log_into(self, entry: &mut LogEntry, prefix: &str) {
        let seconds = self.seconds.max(f64::MIN_POSITIVE);
        for (key, value) in [
            ("runtime", self.seconds),
            ("samples_per_second", self.rows as f64 / seconds),
            ("steps_per_second", self.batches as f64 / seconds),
        ] {
            entry.insert(format!("{prefix}{key}"), number_to_json((value * 1e4).round() / 1e4));
        }
    }
}

/// The labels of a batch on the host.
enum HostLabels {
    Classes(Vec<u32>),
    MultiHot(Vec<f32>),
    Values(Vec<f32>),
}

impl HostLabels {
    fn of<T: Task>(batch: &Batch) -> Result<Self> {
        let labels = batch.labels()?;
        let numbers = || -> Result<Vec<f32>> { Ok(labels.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?) };
        Ok(match T::KIND {
            TaskKind::SequenceClassification => Self::Classes(labels.to_vec1()?),
            TaskKind::MultiLabelClassification => Self::MultiHot(numbers()?),
            TaskKind::Regression => Self::Values(numbers()?),
        })
    }

    fn view(&self) -> EvaluationLabels<'_> {
        match self {
            Self::Classes(labels) => EvaluationLabels::Classes(labels),
            Self::MultiHot(labels) => EvaluationLabels::MultiHot(labels),
            Self::Values(labels) => EvaluationLabels::Values(labels),
        }
    }
}
