//! What is due at an update: a log event, an evaluation, a checkpoint; and the end of a run.

use std::path::{Path, PathBuf};

use super::best::note_best_checkpoint;
use super::evaluation::Pace;
use super::prepared::{EvaluationSet, Prepared, TrainOutput};
use super::setup::TaskOf;
use super::{
    CallbackList, LogEntry, PredictionProgress, RunMoment, TrainerParts, UpdateRecord, checkpoint, number_from_json,
    number_to_json, run_files,
};
use crate::error::Result;
use crate::metrics::Metrics;
use crate::model::{Model, saved};

impl<P: TrainerParts> Prepared<'_, P> {
    /// Logs the mean loss since the last log event, and the norm and learning rate of the last update.
    pub(super) fn log_update(&mut self, record: &UpdateRecord) -> Result<()> {
        let updates = self.state.global_step - self.progress.logged_at;
        let loss = self.progress.loss_since_log / updates as f64;
        self.progress.loss_since_log = 0.0;
        self.progress.logged_at = self.state.global_step;
        self.log(LogEntry::from_iter([
            ("loss".to_owned(), number_to_json(loss)),
            ("grad_norm".to_owned(), number_to_json(record.grad_norm)),
            ("learning_rate".to_owned(), number_to_json(record.learning_rate)),
        ]))
    }

    fn log(&mut self, entry: LogEntry) -> Result<()> {
        self.progress.is_saved = false;
        let entry = self.state.log(entry);
        self.tell(|callbacks, moment, control| callbacks.on_log(moment, &entry, control))
    }

    /// Evaluates every set, and says whether this is the best model so far.
    pub(super) fn evaluate(&mut self) -> Result<()> {
        let mut all = LogEntry::new();
        for index in 0..self.evaluation_sets.len() {
            let (metrics, pace) = self.evaluate_set(index)?;
            let prefix = match &self.evaluation_sets[index].name {
                Some(name) => format!("eval_{name}_"),
                None => "eval_".to_owned(),
            };
            let entry = log_entry(&metrics, pace, &prefix);
            self.log(entry.clone())?;
            self.tell(|callbacks, moment, control| callbacks.on_evaluate(moment, &entry, control))?;
            all.extend(entry);
        }
        let Some(best) = self.best.clone() else { return Ok(()) };
        self.learning_rate.observe(all.get(best.key()).and_then(number_from_json));
        let found = best.judge(&all, &mut self.state)?;
        self.intervals.after_evaluation(found, &mut self.control);
        Ok(())
    }

    fn evaluate_set(&mut self, index: usize) -> Result<(Metrics, Pace)> {
        self.progress.evaluations += 1;
        let mut metrics = self.setup.metrics()?;
        let Self { setup, evaluation_sets, callbacks, control, state, plan, best, .. } = self;
        let pass = setup.pass(setup.arguments.per_device_eval_batch_size);
        let EvaluationSet { items, asked, .. } = &evaluation_sets[index];
        let total = pass.batches(items.len());
        pass.evaluate::<TaskOf<P>>((items, asked.as_deref()), setup.loss.as_ref(), &mut metrics, |done| {
            let moment = RunMoment::new(state, plan, best.as_ref());
            callbacks.on_prediction_step(&moment, PredictionProgress { done, total }, control)
        })
    }

    /// Writes a checkpoint, whole or not at all, and deletes those that are no longer wanted.
    pub(super) fn save(&mut self) -> Result<()> {
        let folder = checkpoint::folder_of(self.output_dir(), self.state.global_step);
        let output_dir = self.output_dir().to_owned();
        note_best_checkpoint(&mut self.state, &output_dir);
        self.state.stateful_callbacks = self.callbacks.saved_states(self.control);
        checkpoint::write(&folder, |temporary| run_files::write(self, temporary))?;
        let best = self.state.best_model_checkpoint.as_ref().map(PathBuf::from);
        checkpoint::rotate(&output_dir, self.setup.arguments.save_total_limit, &folder, best.as_deref())?;
        self.progress.is_saved = true;
        self.tell(|callbacks, moment, control| {
            callbacks.on_save(&RunMoment { checkpoint: Some(&folder), ..*moment }, control)
        })
    }

    /// Ends the run here if it is asked to pause and does not end anyway, with a checkpoint of all that it did.
    pub(super) fn pauses_here(&mut self) -> Result<bool> {
        if !self.control.should_pause || self.control.should_training_stop {
            return Ok(false);
        }
        if !self.progress.is_saved {
            self.save()?;
        }
        self.paused = Some(checkpoint::folder_of(self.output_dir(), self.state.global_step));
        self.control.should_training_stop = true;
        Ok(true)
    }

    /// Loads the best model if that is asked for, logs the totals, and leaves the state beside the parameters.
    pub(super) fn finish(mut self, from: usize) -> Result<TrainOutput> {
        let parameters = self.setup.parts.model().parameters().clone();
        // Predicting needs no gradients, and the next run has its own.
        parameters.slots().iter().for_each(|(_, slot)| slot.release());
        let arguments = &self.setup.arguments;
        let (best, is_asked_for) = (self.state.best_model_checkpoint.clone(), arguments.load_best_model_at_end);
        match best {
            Some(best) if is_asked_for => {
                saved::restore(&parameters, Path::new(&best))?;
            }
            None if is_asked_for => crate::note("no checkpoint holds a best model, so the last one stays"),
            _ => {}
        }
        let seconds = self.begin.elapsed().as_secs_f64();
        let done = self.state.global_step;
        let training_loss = self.progress.total_loss / (done.max(1)) as f64;
        let share = (done - from) as f64 / self.plan.max_steps().max(1) as f64;
        let rate = |count: f64| number_to_json((count / seconds.max(f64::MIN_POSITIVE) * 1e3).round() / 1e3);
        self.log(LogEntry::from_iter([
            ("train_runtime".to_owned(), number_to_json((seconds * 1e4).round() / 1e4)),
            ("train_samples_per_second".to_owned(), rate(self.plan.num_train_samples() * share)),
            ("train_steps_per_second".to_owned(), rate((done - from) as f64)),
            ("total_flos".to_owned(), number_to_json(self.state.total_flos)),
            ("train_loss".to_owned(), number_to_json(training_loss)),
        ]))?;
        self.tell(CallbackList::on_train_end)?;
        if let Some(checkpoint) = &self.paused {
            crate::note(format!(
                "stopped at update {done} of {}, with the checkpoint {}; go on with `resume_from_checkpoint = \"latest\"`",
                self.plan.max_steps(),
                checkpoint.display()
            ));
        }
        parameters.attach(self.state);
        Ok(TrainOutput { global_step: done, training_loss, seconds, paused: self.paused })
    }
}

/// The values of an evaluation as a log event.
pub(crate) fn log_entry(metrics: &Metrics, pace: Pace, prefix: &str) -> LogEntry {
    let values = metrics.iter().map(|(key, value)| {
        let value = value.map_or(serde_json::Value::Null, number_to_json);
        (format!("{prefix}{key}"), value)
    });
    let mut entry: LogEntry = values.collect();
    pace.log_into(&mut entry, prefix);
    entry
}
