//! Evaluation: items go through the model without randomness, into the loss and the metrics.
//!
//! What comes in: items in the order of their rows. What goes out: logits, or the loss and metrics, in that order. Where it
//! cannot change a row's logits, rows of about one length go through the model together; metrics see the batches of
//! `per_device_eval_batch_size` rows in any case.

mod given;
mod groups;
mod outputs;
#[cfg(test)]
mod tests;
pub(crate) mod writing;

use std::time::Instant;

use candle_core::DType;

use self::given::Given;
use self::groups::Groups;
use self::outputs::Outputs;
use self::writing::{NewTokens, Writing};
use super::lay_out::LayOut;
use super::{LogEntry, number_to_json};
use crate::collate::{Batch, Item};
use crate::data::Task;
use crate::error::{Error, ErrorKind, Result};
use crate::loss::{Loss, LossSum, PredictedTokens};
use crate::metrics::{MetricSet, Metrics};
use crate::model::{GenerationConfig, Model};
use crate::tensor::gradients::without;
use crate::tensor::random::Mode;
use crate::tensor::threads;

/// What lays items out and what takes them.
pub(crate) struct Pass<'a, M> {
    pub(crate) model: &'a M,
    pub(crate) lay_out: &'a LayOut,
    pub(crate) batch_size: usize,
    /// How texts are written, if a metric asks for them.
    pub(crate) generation: (GenerationConfig, NewTokens),
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
        let items: Vec<&Item> = items.iter().collect();
        self.lay_out.batch(&items, None)?.to_device(self.model.parameters().device())
    }

    /// The loss of a batch. Of a vocabulary's head the scores are never all there, if the loss can do without.
    ///
    /// # Errors
    /// Those of the model and the loss; [`ErrorKind::Shape`] for logits of another shape than the task `T` needs.
    pub(crate) fn loss<T: Task>(&self, batch: &Batch, mode: Mode, loss: &dyn Loss) -> Result<LossSum> {
        self.given::<T>(batch, mode, loss.takes_vocabulary_rows())?.loss(batch, loss)
    }

    /// What the model gives for a batch: for tasks over a vocabulary its rows, if they can be taken.
    fn given<T: Task>(&self, batch: &Batch, mode: Mode, takes_rows: bool) -> Result<Given> {
        if takes_rows && T::KIND.is_over_vocabulary() {
            let rows = threads::run_on_first(|| self.model.vocabulary_rows(batch, mode))?;
            if let Some(rows) = rows {
                return Ok(Given::Rows(rows));
            }
        }
        let output = threads::run_on_first(|| self.model.forward(batch, mode))?;
        given::check_shape::<T>(&output, batch)?;
        Ok(Given::Scores(output))
    }

    /// The logits of every item, in their order: of each one row, or those of its words one after another.
    pub(crate) fn logits<T: Task>(&self, items: &[Item]) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::with_capacity(items.len());
        let add =
            |given: &Given, batch: &Batch, _: &[Item], outputs: &mut Outputs| outputs.add_logits::<T>(given, batch);
        let finish = |outputs: Outputs| {
            all.extend(outputs.examples());
            Ok(())
        };
        self.windows::<T>(items, self.groups(true, usize::MAX), false, |_| Ok(()), add, finish)?;
        Ok(all)
    }

    /// The loss and the metrics over all items, of which some metrics compare what the model writes: it is asked with the items
    /// of the same rows in the second list, if there is one. The loss is exact: the sum over all items divided by their weight.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] if there are no items or they have no labels.
    pub(crate) fn evaluate<T: Task>(
        &self,
        (items, asked_with): (&[Item], Option<&[Item]>),
        loss: &dyn Loss,
        metrics: &mut MetricSet,
        done: impl FnMut(usize) -> Result<()>,
    ) -> Result<(Metrics, Pace)> {
        let begin = Instant::now();
        metrics.reset();
        let (mut sum, mut weight) = (0.0, 0.0);
        // What is written is kept for all rows that are written at once, with as many beams.
        let most = if metrics.needs_texts() { self.batch_size.max(1) } else { usize::MAX };
        let groups = self.groups(loss.adds_up_over_rows(), most);
        let asked = match (metrics.is_empty(), metrics.needs_predicted_tokens()) {
            (true, _) => None,
            (false, true) => Some(PredictedTokens::Wanted),
            (false, false) => Some(PredictedTokens::NotWanted),
        };
        let writing = if metrics.needs_texts() {
            Some(Writing::new(self.model, self.lay_out.tokenizer(), self.generation.clone())?)
        } else {
            None
        };
        let add = |given: &Given, batch: &Batch, items: &[Item], outputs: &mut Outputs| {
            let of_batch = outputs.add::<T>(given, loss, batch, asked)?;
            sum += of_batch.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?;
            weight += of_batch.weight();
            if let Some(writing) = &writing {
                let asked_with = |item: &'_ Item| asked_with.and_then(|all| all.get(item.row));
                let asked: Vec<&Item> = items.iter().map(|item| asked_with(item).unwrap_or(item)).collect();
                outputs.add_texts(items.iter().map(|item| item.row), writing.asked(&asked, T::KIND)?);
            }
            Ok(())
        };
        self.windows::<T>(items, groups, loss.takes_vocabulary_rows(), done, add, |outputs| {
            outputs.batches(self.batch_size.max(1)).try_for_each(|batch| metrics.update(&batch))
        })?;
        if items.is_empty() {
            return Err(Error::new(ErrorKind::Data, "the evaluation set has no rows"));
        }
        let mut all = metrics.compute()?;
        all.insert_first("loss", (weight > 0.0).then(|| sum / weight))?;
        let seconds = begin.elapsed().as_secs_f64();
        Ok((all, Pace { rows: items.len(), batches: self.batches(items.len()), seconds }))
    }

    /// How rows may be put together, at most so many, if nothing that is computed of the logits (`adds_up`) looks at more
    /// than one row.
    fn groups(&self, adds_up: bool, most: usize) -> Groups<'_> {
        let collator = self.lay_out.collator.as_ref();
        let pads = collator.padded_length(1).is_some();
        if self.model.rows_are_alone() && pads && adds_up { Groups::ByLength(collator, most) } else { Groups::Batches }
    }

    /// Computes all items, window by window: `add` takes what the model gives for some of them, `finish` takes a window in
    /// the order of its rows, and `done` hears of as many batches as were computed.
    fn windows<T: Task>(
        &self,
        items: &[Item],
        groups: Groups<'_>,
        takes_rows: bool,
        mut done: impl FnMut(usize) -> Result<()>,
        mut add: impl FnMut(&Given, &Batch, &[Item], &mut Outputs) -> Result<()>,
        mut finish: impl FnMut(Outputs) -> Result<()>,
    ) -> Result<()> {
        let batch_size = self.batch_size.max(1);
        let (mut rows, mut batches) = (0, 0);
        for window in items.chunks(groups.window_rows(batch_size)) {
            let (order, ranges) = groups.of(window);
            let mut outputs = Outputs::default();
            for range in ranges {
                let together: Vec<Item> = order[range].iter().map(|row| window[*row].clone()).collect();
                let batch = self.batch(&together)?;
                let given = without(|| self.given::<T>(&batch, Mode::Evaluate, takes_rows))?;
                add(&given.detached(), &batch, &together, &mut outputs)?;
                rows += together.len();
                let computed = if rows == items.len() { self.batches(rows) } else { rows / batch_size };
                while batches < computed {
                    batches += 1;
                    done(batches)?;
                }
            }
            finish(outputs.in_row_order())?;
        }
        Ok(())
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
