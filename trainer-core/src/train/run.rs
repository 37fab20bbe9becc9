//! The training loop: for each epoch, for each window of micro-batches — forward, loss, backward, add; then clip, step,
//! schedule; then log, evaluate, save as due.

use std::path::Path;

use rayon::prelude::*;

use super::evaluation::Pass;
use super::feed::Feed;
use super::gradients::{WindowSums, prove_coverage};
use super::prepared::Prepared;
use super::setup::TaskOf;
use super::{CallbackList, Control, RunMoment, TrainerParts, UpdateRecord, Window};
use crate::collate::Batch;
use crate::data::order::{LoaderPasses, length_grouped, random};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::optim::{clip_factor, first_not_finite, global_norm};
use crate::tensor::gradients::into_slots;
use crate::tensor::random::{Mode, Moment};
use crate::tensor::threads;
use crate::tensor::way::{self, Choice};

impl<P: TrainerParts> Prepared<'_, P> {
    /// Takes every update that the plan has left.
    pub(super) fn run_epochs(&mut self) -> Result<()> {
        self.tell(CallbackList::on_train_begin)?;
        if self.intervals.eval_on_start && self.state.global_step == 0 {
            self.evaluate()?;
        }
        let start = self.plan.position(self.state.global_step);
        if start.update_in_epoch == 0 && self.state.global_step > 0 && !self.progress.epoch_is_closed {
            self.close_epoch()?;
        }
        for epoch in start.epoch..self.plan.epochs() {
            if self.state.global_step >= self.plan.max_steps() {
                break;
            }
            let first_update = if epoch == start.epoch { start.update_in_epoch } else { 0 };
            self.run_epoch(epoch, first_update)?;
            if self.control.should_training_stop {
                break;
            }
        }
        Ok(())
    }

    fn run_epoch(&mut self, epoch: usize, first_update: usize) -> Result<()> {
        if first_update == 0 {
            self.progress.evaluations_before_epoch = self.progress.evaluations;
        }
        self.progress.epoch_is_closed = false;
        self.tell(CallbackList::on_epoch_begin)?;
        let order = self.order(epoch);
        let updates_left = self.plan.max_steps().saturating_sub(self.state.global_step);
        let windows: Vec<Window> = self.plan.windows(first_update).take(updates_left).collect();
        let micro_batches = windows.iter().flat_map(|window| window.micro_batches.clone());
        let places = micro_batches.map(|micro_batch| self.plan.places(micro_batch)).collect();
        let mut feed = Feed::new(self.setup.layout(&self.items), epoch, order, places)?;
        for window in windows {
            self.tell(CallbackList::on_step_begin)?;
            let (sums, rows, tokens) = self.run_window(epoch, &mut feed, &window)?;
            let record = UpdateRecord { rows, tokens, ..self.update(sums)? };
            self.state.global_step += 1;
            self.state.epoch = self.plan.fractional_epoch(epoch, window.micro_batches.end);
            self.state.num_input_tokens_seen += tokens;
            self.state.total_flos += self.progress.flos_of_update;
            self.progress.add(&record);
            self.control |= self.intervals.after_update(self.state.global_step, self.plan.max_steps());
            self.tell(|callbacks, moment, control| {
                callbacks.on_step_end(&RunMoment { update: Some(record), ..*moment }, control)
            })?;
            self.log_evaluate_save(&record)?;
            if self.pauses_here()? {
                return Ok(());
            }
            if self.control.should_epoch_stop || self.control.should_training_stop {
                break;
            }
        }
        self.close_epoch()?;
        self.pauses_here().map(|_| ())
    }

    /// What is due at the end of an epoch.
    fn close_epoch(&mut self) -> Result<()> {
        self.progress.epoch_is_closed = true;
        self.control |= self.intervals.after_epoch(self.state.epoch);
        self.tell(CallbackList::on_epoch_end)?;
        let last = self.progress.last;
        self.log_evaluate_save(&last)
    }

    /// Forward, loss and backward of every micro-batch of a window; with its rows and its real tokens.
    fn run_window(&mut self, epoch: usize, feed: &mut Feed, window: &Window) -> Result<(WindowSums, usize, usize)> {
        let (mut sums, mut rows, mut tokens) = (WindowSums::begin(self.model().parameters()), 0, 0);
        self.progress.flos_of_update = 0.0;
        for (index, micro_batch) in window.micro_batches.clone().enumerate() {
            let laid_out = feed.next()?;
            let chunks = laid_out.chunks.map_err(|error| self.at_rows(error, &laid_out.rows))?;
            for (chunk, batch) in chunks.into_iter().enumerate() {
                let mode = Mode::Train(self.moment(epoch, index, chunk));
                self.add(&mut sums, &batch, mode).map_err(|error| self.at_rows(error, &batch.rows))?;
                rows += batch.len();
                tokens += batch.tokens();
                self.progress.flos_of_update += self.flos_per_token * batch.padded_tokens() as f64;
            }
            if micro_batch + 1 < window.micro_batches.end {
                self.tell(CallbackList::on_substep_end)?;
            }
        }
        Ok((sums, rows, tokens))
    }

    /// Forward, loss and backward of one batch.
    fn add(&self, sums: &mut WindowSums, batch: &Batch, mode: Mode) -> Result<()> {
        let batch = batch.to_device(self.model().parameters().device())?;
        let recomputes = self.setup.arguments.gradient_checkpointing;
        let noise = self.setup.arguments.neftune_noise_alpha.unwrap_or(0.0);
        way::choosing(Choice { recomputes, noise, ..way::now() }, || {
            into_slots(|| {
                let loss = self.pass().loss::<TaskOf<P>>(&batch, mode, self.setup.loss.as_ref())?;
                sums.add(&loss, &self.parameters)
            })
        })
    }

    /// What fixes the random numbers of a chunk; the first of each micro-batch has the numbers of a whole one.
    fn moment(&self, epoch: usize, index: usize, chunk: usize) -> Moment {
        Moment {
            seed: self.setup.arguments.seed,
            epoch: epoch as u32,
            update: self.state.global_step as u32,
            micro_batch: (index + chunk * self.plan.accumulation()) as u32,
        }
    }

    /// Divides once, clips, steps: one update of the parameters.
    fn update(&mut self, mut sums: WindowSums) -> Result<UpdateRecord> {
        let learning_rate = self.learning_rate.after(self.state.global_step);
        let record = |loss, grad_norm| UpdateRecord { loss, grad_norm, learning_rate, rows: 0, tokens: 0 };
        if sums.weight() == 0.0 {
            crate::note(format!("update {}: every label is ignored, so nothing is learnt", self.state.global_step + 1));
            return Ok(record(0.0, 0.0));
        }
        sums.gather()?;
        if !self.progress.coverage_is_proved {
            prove_coverage(self.model().parameters(), &sums.gradients)?;
            self.progress.coverage_is_proved = true;
        }
        let grad_norm = threads::run(|| global_norm(&sums.gradients))? / sums.weight();
        if !grad_norm.is_finite() {
            return Err(self.not_finite(&sums, grad_norm)?);
        }
        let clip = clip_factor(grad_norm, self.setup.arguments.max_grad_norm);
        let mut scale = (clip / sums.weight()) as f32;
        if self.gradients_are_shown {
            threads::run(|| sums.gradients.par_iter_mut().try_for_each(|(_, gradient)| gradient.scale(scale)))?;
            scale = 1.0;
        }
        self.tell(|callbacks, moment, control| {
            let moment = RunMoment { gradients: Some(&sums.gradients), ..*moment };
            callbacks.on_pre_optimizer_step(&moment, control)
        })?;
        let (optimizer, parameters) = (&mut self.optimizer, &self.parameters);
        threads::run(|| optimizer.step(parameters, &sums.gradients, scale, learning_rate))?;
        self.tell(|callbacks, moment, control| {
            let moment = RunMoment { gradients: Some(&sums.gradients), ..*moment };
            callbacks.on_optimizer_step(&moment, control)
        })?;
        Ok(record(sums.mean_loss(), grad_norm))
    }

    /// Logs, evaluates and saves what is due.
    fn log_evaluate_save(&mut self, record: &UpdateRecord) -> Result<()> {
        if self.control.should_log && self.state.global_step > self.progress.logged_at {
            self.log_update(record)?;
        }
        if self.control.should_evaluate {
            self.evaluate()?;
        }
        if self.control.should_save {
            self.save()?;
        }
        Ok(())
    }

    /// The rows of an epoch in the order in which it visits them, which is Hugging Face's for the same seed.
    pub(super) fn order(&self, epoch: usize) -> Vec<usize> {
        let arguments = &self.setup.arguments;
        if arguments.group_by_length {
            let update_size = self.plan.batch_size() * self.plan.accumulation();
            let evaluations = self.progress.evaluations_before_epoch as u64;
            let passes = LoaderPasses { epoch: epoch as u64, evaluations };
            return length_grouped(&self.lengths, update_size, arguments.seed, passes);
        }
        random(self.items.len(), arguments.order_seed(), epoch as u64)
    }

    fn model(&self) -> &P::Model {
        self.setup.parts.model()
    }

    fn pass(&self) -> Pass<'_, P::Model> {
        self.setup.pass(self.plan.batch_size())
    }

    /// Tells all callbacks that something happens.
    pub(super) fn tell(
        &mut self,
        event: impl FnOnce(&mut CallbackList, &RunMoment<'_>, &mut Control) -> Result<()>,
    ) -> Result<()> {
        let moment = RunMoment {
            parameters: Some(self.setup.parts.model().parameters()),
            ..RunMoment::new(&self.state, &self.plan, self.best.as_ref())
        };
        event(&mut self.callbacks, &moment, &mut self.control)
    }

    /// Names the rows of a batch that cannot be trained on, and the update.
    fn at_rows(&self, error: Error, rows: &[usize]) -> Error {
        let dataset = self.setup.parts.train_dataset();
        let place = |row: &usize| dataset.map_or_else(|| format!("row {row}"), |dataset| dataset.place(*row));
        let places: Vec<String> = rows.iter().take(4).map(place).collect();
        let more = if rows.len() > 4 { format!(" and {} more", rows.len() - 4) } else { String::new() };
        error.at(format!("update {} ({}{more})", self.state.global_step + 1, places.join(", ")))
    }

    fn not_finite(&self, sums: &WindowSums, grad_norm: f64) -> Result<Error> {
        let name = first_not_finite(&sums.gradients)?.unwrap_or("all parameters together");
        let update = self.state.global_step + 1;
        let message = format!("update {update}: the gradient of `{name}` is not finite (norm {grad_norm})");
        Ok(Error::new(ErrorKind::Gradient, message).help(
            "no parameter was changed by this update; lower `learning_rate`, or resume from a checkpoint before it",
        ))
    }

    /// Where checkpoints go.
    pub(super) fn output_dir(&self) -> &Path {
        &self.setup.arguments.output_dir
    }
}
