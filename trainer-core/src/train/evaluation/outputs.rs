//! What the model gave for the rows of a window, on the host, and what it should have given.

use std::ops::Range;

use candle_core::{D, DType};

use super::given::{Given, Tokens};
use crate::collate::Batch;
use crate::data::{Task, TaskKind};
use crate::error::Result;
use crate::loss::{LabelledRows, Loss};
use crate::metrics::{EvaluationBatch, EvaluationLabels};

/// Logits, labels and losses, item by item: an item is an example, or a token that has a label.
#[derive(Default)]
pub(super) struct Outputs {
    /// How many logits there are for an item.
    width: usize,
    logits: Vec<f32>,
    labels: HostLabels,
    /// The loss of each item, if the loss gives it.
    losses: Vec<f32>,
    /// The row in the data set of each example and how many items it has, in the order they were added.
    examples: Vec<(usize, usize)>,
}

impl Outputs {
    /// Adds what the model gives for a batch.
    pub(super) fn add<T: Task>(&mut self, given: &Given, loss: &dyn Loss, batch: &Batch) -> Result<()> {
        self.add_examples::<T>(batch)?;
        if T::KIND.is_over_vocabulary() {
            let Tokens { labels, losses, .. } = given.of_tokens(batch)?;
            self.labels.add(HostLabels::Classes(labels));
            self.losses.extend(losses);
            return Ok(());
        }
        self.add_scores(given, batch)?;
        self.labels.add(labels::<T>(batch)?);
        if let Given::Scores(output) = given
            && let Some(losses) = loss.item_losses(output, batch)?
        {
            self.losses.extend(losses.to_dtype(DType::F32)?.to_vec1::<f32>()?);
        }
        Ok(())
    }

    /// Adds the logits of a batch alone.
    pub(super) fn add_logits<T: Task>(&mut self, given: &Given, batch: &Batch) -> Result<()> {
        self.add_examples::<T>(batch)?;
        self.add_scores(given, batch)
    }

    fn add_scores(&mut self, given: &Given, batch: &Batch) -> Result<()> {
        let scores = given.of_items(batch)?;
        self.width = scores.dim(D::Minus1)?;
        self.logits.extend(scores.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        Ok(())
    }

    fn add_examples<T: Task>(&mut self, batch: &Batch) -> Result<()> {
        let items = if T::KIND.is_over_tokens() { batch.labels_of_examples()? } else { vec![1; batch.len()] };
        self.examples.extend(batch.rows.iter().copied().zip(items));
        Ok(())
    }

    /// The same with examples in the order of their rows.
    pub(super) fn in_row_order(self) -> Self {
        if self.examples.is_sorted() {
            return self;
        }
        let mut order: Vec<usize> = (0..self.examples.len()).collect();
        order.sort_by_key(|place| self.examples[*place].0);
        let mut begin = 0;
        let spans: Vec<Range<usize>> = self
            .examples
            .iter()
            .map(|(_, items)| {
                begin += items;
                begin - items..begin
            })
            .collect();
        let order = Order { spans: order.iter().map(|place| spans[*place].clone()).collect(), items: begin };
        let width = self.width;
        Self {
            width,
            logits: order.of(self.logits, width),
            labels: match self.labels {
                HostLabels::None => HostLabels::None,
                HostLabels::Classes(labels) => HostLabels::Classes(order.of(labels, 1)),
                HostLabels::MultiHot(labels) => HostLabels::MultiHot(order.of(labels, width)),
                HostLabels::Values(labels) => HostLabels::Values(order.of(labels, width)),
            },
            losses: order.of(self.losses, 1),
            examples: {
                let mut examples = self.examples;
                examples.sort_by_key(|(row, _)| *row);
                examples
            },
        }
    }

    /// The logits of each example, one item after another.
    pub(super) fn examples(&self) -> impl Iterator<Item = Vec<f32>> + '_ {
        let mut begin = 0;
        self.examples.iter().map(move |(_, items)| {
            let range = begin * self.width..(begin + items) * self.width;
            begin += items;
            self.logits[within(range, self.logits.len())].to_vec()
        })
    }

    /// The examples in batches of `size`, for metrics.
    pub(super) fn batches(&self, size: usize) -> impl Iterator<Item = EvaluationBatch<'_>> {
        let mut begin = 0;
        self.examples.chunks(size).map(move |examples| {
            let items = begin..begin + examples.iter().map(|(_, items)| items).sum::<usize>();
            begin = items.end;
            EvaluationBatch {
                logits: &self.logits[within(items.start * self.width..items.end * self.width, self.logits.len())],
                outputs: self.width,
                labels: self.labels.of_items(items.clone(), self.width),
                losses: (!self.losses.is_empty()).then(|| &self.losses[within(items, self.losses.len())]),
                ..EvaluationBatch::default()
            }
        })
    }
}

/// The items of examples in another order.
struct Order {
    spans: Vec<Range<usize>>,
    items: usize,
}

impl Order {
    /// `values`, `width` for each item, in this order. As they are if they are not so many, which is for the reader of the values
    /// to refuse.
    fn of<T: Copy>(&self, values: Vec<T>, width: usize) -> Vec<T> {
        if values.len() != self.items * width {
            return values;
        }
        let spans = self.spans.iter().map(|span| &values[span.start * width..span.end * width]);
        spans.flatten().copied().collect()
    }
}

/// The labels of a batch.
fn labels<T: Task>(batch: &Batch) -> Result<HostLabels> {
    let labels = batch.labels()?;
    let numbers = || -> Result<Vec<f32>> { Ok(labels.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?) };
    Ok(match T::KIND {
        TaskKind::MultiLabelClassification => HostLabels::MultiHot(numbers()?),
        TaskKind::Regression => HostLabels::Values(numbers()?),
        TaskKind::SequenceClassification => HostLabels::Classes(labels.to_vec1()?),
        _ => HostLabels::Classes(LabelledRows::of(labels)?.labels().to_vec()),
    })
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
    fn add(&mut self, of_batch: Self) {
        match (self, of_batch) {
            (Self::Classes(all), Self::Classes(new)) => all.extend(new),
            (Self::MultiHot(all), Self::MultiHot(new)) | (Self::Values(all), Self::Values(new)) => all.extend(new),
            (all, new) => *all = new,
        }
    }

    /// The labels of some items; what reads them refuses fewer labels than items.
    fn of_items(&self, items: Range<usize>, outputs: usize) -> EvaluationLabels<'_> {
        let numbers = items.start * outputs..items.end * outputs;
        match self {
            Self::None => EvaluationLabels::Classes(&[]),
            Self::Classes(labels) => EvaluationLabels::Classes(&labels[within(items, labels.len())]),
            Self::MultiHot(labels) => EvaluationLabels::MultiHot(&labels[within(numbers, labels.len())]),
            Self::Values(labels) => EvaluationLabels::Values(&labels[within(numbers, labels.len())]),
        }
    }
}

/// The part of a range that is there.
fn within(range: Range<usize>, length: usize) -> Range<usize> {
    range.start.min(length)..range.end.min(length)
}
