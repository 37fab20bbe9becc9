//! Evaluation: items go through the model without randomness, into the loss and the metrics.
//!
//! What comes in: items in the order of their rows. What goes out: logits, or the loss and metrics, in that order. Where it
//! cannot change a row's logits, rows of about one length go through the model together; metrics see the batches of
//! `per_device_eval_batch_size` rows in any case.

mod groups;
mod outputs;
#[cfg(test)]
mod tests;

use std::time::Instant;

use candle_core::DType;

use self::groups::Groups;
use self::outputs::Outputs;
use super::{LogEntry, number_to_json};
use crate::collate::{Batch, Collator, Item};
use crate::data::{Task, wrong_width};
use crate::error::{Error, ErrorKind, Result};
use crate::loss::Loss;
use crate::metrics::{MetricSet, Metrics};
use crate::model::{Model, Output};
use crate::tensor::gradients::without;
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
        let items: Vec<&Item> = items.iter().collect();
        self.collator.collate(&items, self.tokenizer)?.to_device(self.model.parameters().device())
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

    /// The logits of every item, in their order, row by row.
    pub(crate) fn logits<T: Task>(&self, items: &[Item]) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::with_capacity(items.len());
        let add = |output: &Output, _: &Batch, outputs: &mut Outputs| outputs.add_logits(&output.logits);
        let finish = |outputs: Outputs| {
            all.extend(outputs.rows());
            Ok(())
        };
        self.windows::<T>(items, self.groups(true), |_| Ok(()), add, finish)?;
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
        done: impl FnMut(usize) -> Result<()>,
    ) -> Result<(Metrics, Pace)> {
        let begin = Instant::now();
        metrics.reset();
        let (mut sum, mut weight) = (0.0, 0.0);
        let groups = self.groups(loss.adds_up_over_rows());
        let add = |output: &Output, batch: &Batch, outputs: &mut Outputs| {
            let of_batch = threads::run(|| loss.loss(output, batch))?;
            sum += of_batch.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?;
            weight += of_batch.weight();
            outputs.add::<T>(&output.logits, loss.item_losses(output, batch)?.as_ref(), batch)
        };
        self.windows::<T>(items, groups, done, add, |outputs| {
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

    /// How rows may be put together, if nothing that is computed of the logits (`adds_up`) looks at more than one row.
    fn groups(&self, adds_up: bool) -> Groups<'_> {
        let is_of_a_family = self.model.family().is_some();
        let pads = self.collator.padded_length(1).is_some();
        if is_of_a_family && pads && adds_up { Groups::ByLength(self.collator) } else { Groups::Batches }
    }

    /// Computes all items, window by window: `add` takes what the model gives for some of them, `finish` takes a window in
    /// the order of its rows, and `done` hears of as many batches as were computed.
    fn windows<T: Task>(
        &self,
        items: &[Item],
        groups: Groups<'_>,
        mut done: impl FnMut(usize) -> Result<()>,
        mut add: impl FnMut(&Output, &Batch, &mut Outputs) -> Result<()>,
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
                add(&self.evaluated::<T>(&batch)?, &batch, &mut outputs)?;
                rows += together.len();
                let computed = if rows == items.len() { self.batches(rows) } else { rows / batch_size };
                while batches < computed {
                    batches += 1;
                    done(batches)?;
                }
            }
            finish(outputs.in_row_order(&order))?;
        }
        Ok(())
    }

    /// The logits of a batch, with nothing kept for a backward pass.
    fn evaluated<T: Task>(&self, batch: &Batch) -> Result<Output> {
        let output = without(|| self.forward::<T>(batch, Mode::Evaluate))?;
        Ok(Output { logits: output.logits.detach() })
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
