//! What the model gave for the rows of a window, on the host, and what it should have given.

use std::ops::Range;

use candle_core::{D, DType};

use super::given::Given;
use crate::collate::Batch;
use crate::data::{Task, TaskKind};
use crate::error::Result;
use crate::loss::{LabelledRows, Loss, LossSum, PredictedTokens, TokenOutcomes};
use crate::metrics::{EvaluationBatch, EvaluationLabels, GeneratedText};

/// Logits, labels and losses, item by item: an item is an example, or a token that has a label.
#[derive(Default)]
pub(super) struct Outputs {
    /// How many logits there are for an item.
    width: usize,
    logits: Vec<f32>,
    labels: HostLabels,
    /// The loss of each item, if the loss gives it.
    losses: Vec<f32>,
    /// The most probable token of each item, where items are tokens of a vocabulary and a metric asks for it.
    predicted: Vec<u32>,
    /// The row in the data set of each example, in the order they were added.
    rows: Vec<usize>,
    /// How many items each example has.
    counts: Vec<usize>,
    /// Whether items are tokens.
    of_tokens: bool,
    /// What was written for each example, with its row.
    texts: Vec<(usize, GeneratedText)>,
    /// The same in the order of the rows.
    texts_in_order: Vec<GeneratedText>,
}

impl Outputs {
    /// Adds what the model gives for a batch, and gives its loss. Of the tokens of a vocabulary what metrics ask for is added,
    /// `None` for nothing.
    pub(super) fn add<T: Task>(
        &mut self,
        given: &Given,
        loss: &dyn Loss,
        batch: &Batch,
        asked: Option<PredictedTokens>,
    ) -> Result<LossSum> {
        match (T::KIND.is_over_vocabulary(), asked) {
            (true, None) => given.loss(batch, loss),
            (true, Some(predicted)) => {
                let (of_batch, TokenOutcomes { labels, losses, predicted }) =
                    given.loss_with_outcomes(batch, loss, predicted)?;
                self.add_examples::<T>(batch)?;
                self.labels.add(HostLabels::Tokens(labels));
                self.losses.extend(losses);
                self.predicted.extend(predicted);
                Ok(of_batch)
            }
            (false, _) => {
                let of_batch = given.loss(batch, loss)?;
                self.add_logits::<T>(given, batch)?;
                self.labels.add(labels::<T>(batch)?);
                if let Given::Scores(output) = given
                    && let Some(losses) = loss.item_losses(output, batch)?
                {
                    self.losses.extend(losses.to_dtype(DType::F32)?.to_vec1::<f32>()?);
                }
                Ok(of_batch)
            }
        }
    }

    /// Adds the logits of a batch alone.
    pub(super) fn add_logits<T: Task>(&mut self, given: &Given, batch: &Batch) -> Result<()> {
        self.add_examples::<T>(batch)?;
        let scores = given.of_items(batch)?;
        self.width = scores.dim(D::Minus1)?;
        self.logits.extend(scores.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        Ok(())
    }

    fn add_examples<T: Task>(&mut self, batch: &Batch) -> Result<()> {
        self.of_tokens = T::KIND.is_over_tokens();
        let counts = if self.of_tokens { batch.labels_of_examples()? } else { vec![1; batch.len()] };
        self.rows.extend(&batch.rows);
        self.counts.extend(counts);
        Ok(())
    }

    /// Adds what was written for examples, by their rows.
    pub(super) fn add_texts(&mut self, rows: impl Iterator<Item = usize>, texts: Vec<GeneratedText>) {
        self.texts.extend(rows.zip(texts));
    }

    /// The same with examples in the order of their rows.
    pub(super) fn in_row_order(mut self) -> Self {
        self.texts.sort_by_key(|(row, _)| *row);
        self.texts_in_order = self.texts.drain(..).map(|(_, text)| text).collect();
        if self.rows.is_sorted() {
            return self;
        }
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        places.sort_by_key(|place| self.rows[*place]);
        let mut begin = 0;
        let span = |count: &usize| {
            begin += count;
            begin - count..begin
        };
        let spans: Vec<Range<usize>> = self.counts.iter().map(span).collect();
        let order = Order { spans: places.iter().map(|place| spans[*place].clone()).collect(), items: begin };
        let width = self.width;
        Self {
            logits: order.of(self.logits, width),
            labels: match self.labels {
                HostLabels::None => HostLabels::None,
                HostLabels::Classes(labels) => HostLabels::Classes(order.of(labels, 1)),
                HostLabels::Tokens(labels) => HostLabels::Tokens(order.of(labels, 1)),
                HostLabels::MultiHot(labels) => HostLabels::MultiHot(order.of(labels, width)),
                HostLabels::Values(labels) => HostLabels::Values(order.of(labels, width)),
            },
            losses: order.of(self.losses, 1),
            predicted: order.of(self.predicted, 1),
            rows: places.iter().map(|place| self.rows[*place]).collect(),
            counts: places.iter().map(|place| self.counts[*place]).collect(),
            ..self
        }
    }

    /// The logits of each example, one item after another.
    pub(super) fn examples(&self) -> impl Iterator<Item = Vec<f32>> + '_ {
        let mut begin = 0;
        self.counts.iter().map(move |count| {
            let range = begin * self.width..(begin + count) * self.width;
            begin += count;
            part(&self.logits, range).to_vec()
        })
    }

    /// The examples in batches of `size`, for metrics.
    pub(super) fn batches(&self, size: usize) -> impl Iterator<Item = EvaluationBatch<'_>> {
        let mut begin = 0;
        self.counts.chunks(size).enumerate().map(move |(index, counts)| {
            let examples = index * size..index * size + counts.len();
            let items = begin..begin + counts.iter().sum::<usize>();
            begin = items.end;
            EvaluationBatch {
                logits: part(&self.logits, items.start * self.width..items.end * self.width),
                outputs: self.width,
                labels: self.labels.of_items(items.clone(), self.width),
                losses: (!self.losses.is_empty()).then(|| part(&self.losses, items.clone())),
                predicted: (!self.predicted.is_empty()).then(|| part(&self.predicted, items)),
                sequences: self.of_tokens.then_some(counts),
                texts: (!self.texts_in_order.is_empty()).then(|| part(&self.texts_in_order, examples)),
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
    Tokens(Vec<u32>),
    MultiHot(Vec<f32>),
    Values(Vec<f32>),
}

impl HostLabels {
    fn add(&mut self, of_batch: Self) {
        match (self, of_batch) {
            (Self::Classes(all), Self::Classes(new)) | (Self::Tokens(all), Self::Tokens(new)) => all.extend(new),
            (Self::MultiHot(all), Self::MultiHot(new)) | (Self::Values(all), Self::Values(new)) => all.extend(new),
            (all, new) => *all = new,
        }
    }

    /// The labels of some items; what reads them refuses fewer labels than items.
    fn of_items(&self, items: Range<usize>, outputs: usize) -> EvaluationLabels<'_> {
        let numbers = items.start * outputs..items.end * outputs;
        match self {
            Self::None => EvaluationLabels::Classes(&[]),
            Self::Classes(labels) => EvaluationLabels::Classes(part(labels, items)),
            Self::Tokens(labels) => EvaluationLabels::Tokens(part(labels, items)),
            Self::MultiHot(labels) => EvaluationLabels::MultiHot(part(labels, numbers)),
            Self::Values(labels) => EvaluationLabels::Values(part(labels, numbers)),
        }
    }
}

/// The part of a range that is there.
fn part<T>(values: &[T], range: Range<usize>) -> &[T] {
    &values[range.start.min(values.len())..range.end.min(values.len())]
}
