//! What the model gave for the rows of a window, on the host, and what it should have given.

use std::ops::Range;

use candle_core::{D, DType, Tensor};

use super::groups::in_row_order;
use crate::collate::Batch;
use crate::data::{Task, TaskKind};
use crate::error::Result;
use crate::metrics::{EvaluationBatch, EvaluationLabels};

/// Logits, labels and losses, row by row.
#[derive(Default)]
pub(super) struct Outputs {
    /// How many logits there are for a row.
    width: usize,
    logits: Vec<f32>,
    labels: HostLabels,
    /// The loss of each row, if the loss gives it.
    losses: Vec<f32>,
}

impl Outputs {
    /// Adds the rows of a batch.
    pub(super) fn add<T: Task>(&mut self, logits: &Tensor, losses: Option<&Tensor>, batch: &Batch) -> Result<()> {
        self.add_logits(logits)?;
        self.labels.add::<T>(batch)?;
        if let Some(losses) = losses {
            self.losses.extend(losses.to_dtype(DType::F32)?.to_vec1::<f32>()?);
        }
        Ok(())
    }

    /// Adds the logits of a batch alone.
    pub(super) fn add_logits(&mut self, logits: &Tensor) -> Result<()> {
        self.width = logits.dim(D::Minus1)?;
        self.logits.extend(logits.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        Ok(())
    }

    /// The same with rows in their order: what was added at place `p` is row `order[p]`.
    pub(super) fn in_row_order(self, order: &[usize]) -> Self {
        if order.is_sorted() {
            return self;
        }
        let width = self.width;
        let labels = match self.labels {
            HostLabels::None => HostLabels::None,
            HostLabels::Classes(labels) => HostLabels::Classes(in_row_order(labels, 1, order)),
            HostLabels::MultiHot(labels) => HostLabels::MultiHot(in_row_order(labels, width, order)),
            HostLabels::Values(labels) => HostLabels::Values(in_row_order(labels, width, order)),
        };
        Self {
            width,
            logits: in_row_order(self.logits, width, order),
            labels,
            losses: in_row_order(self.losses, 1, order),
        }
    }

    /// The logits of each row.
    pub(super) fn rows(&self) -> impl Iterator<Item = Vec<f32>> + '_ {
        self.logits.chunks_exact(self.width.max(1)).map(<[f32]>::to_vec)
    }

    /// The rows in batches of `size`, for metrics.
    pub(super) fn batches(&self, size: usize) -> impl Iterator<Item = EvaluationBatch<'_>> {
        let outputs = self.width.max(1);
        self.logits.chunks(size * outputs).enumerate().map(move |(index, logits)| {
            let rows = index * size..index * size + logits.len() / outputs;
            EvaluationBatch {
                logits,
                outputs: self.width,
                labels: self.labels.of_rows(rows.clone(), outputs),
                losses: (!self.losses.is_empty()).then(|| &self.losses[within(rows, self.losses.len())]),
                ..EvaluationBatch::default()
            }
        })
    }
}

/// Labels on the host.
#[derive(Default)]
enum HostLabels {
    #[default]
    None,
    Classes(Vec<u32>),
    MultiHot(Vec<f32>),
    Values(Vec<f32>),
}

impl HostLabels {
    fn add<T: Task>(&mut self, batch: &Batch) -> Result<()> {
        let labels = batch.labels()?;
        let numbers = || -> Result<Vec<f32>> { Ok(labels.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?) };
        let of_batch = match T::KIND {
            TaskKind::SequenceClassification => Self::Classes(labels.to_vec1()?),
            kind if kind.is_over_tokens() => Self::Classes(labels.flatten_all()?.to_vec1()?),
            TaskKind::MultiLabelClassification => Self::MultiHot(numbers()?),
            _ => Self::Values(numbers()?),
        };
        match (self, of_batch) {
            (Self::Classes(all), Self::Classes(new)) => all.extend(new),
            (Self::MultiHot(all), Self::MultiHot(new)) | (Self::Values(all), Self::Values(new)) => all.extend(new),
            (all, new) => *all = new,
        }
        Ok(())
    }

    /// The labels of some rows; what reads them refuses fewer labels than rows.
    fn of_rows(&self, rows: Range<usize>, outputs: usize) -> EvaluationLabels<'_> {
        let numbers = rows.start * outputs..rows.end * outputs;
        match self {
            Self::None => EvaluationLabels::Classes(&[]),
            Self::Classes(labels) => EvaluationLabels::Classes(&labels[within(rows, labels.len())]),
            Self::MultiHot(labels) => EvaluationLabels::MultiHot(&labels[within(numbers, labels.len())]),
            Self::Values(labels) => EvaluationLabels::Values(&labels[within(numbers, labels.len())]),
        }
    }
}

/// The part of a range that is there.
fn within(range: Range<usize>, length: usize) -> Range<usize> {
    range.start.min(length)..range.end.min(length)
}
