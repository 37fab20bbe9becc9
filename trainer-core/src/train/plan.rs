//! How many steps a run takes, and which rows each of them sees.
//!
//! In: rows, batch size, gradient accumulation, epochs or a number of updates. Out: micro-batches and updates of an epoch,
//! updates and epochs of the run, the window of micro-batches of each update, and the place in the data after any
//! update. It refuses a run that would take no step. One clock ticks here: the update.

use std::ops::Range;

use crate::args::{Facts, RunLength, TrainingArguments};
use crate::error::{Error, ErrorKind, Result};

/// What the number of steps of a run follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanSettings {
    /// Rows of the training set.
    pub rows: usize,
    /// Rows of a micro-batch: `per_device_train_batch_size`.
    pub batch_size: usize,
    /// Micro-batches of an update: `gradient_accumulation_steps`.
    pub accumulation: usize,
    /// Passes over the training set; it need not be whole: `num_train_epochs`.
    pub num_train_epochs: f64,
    /// Updates of the run, in place of epochs: `max_steps`.
    pub max_steps: Option<usize>,
    /// Whether an epoch leaves out a last batch that is not full: `dataloader_drop_last`.
    pub drop_last: bool,
}

impl PlanSettings {
    /// What the arguments set, for a training set of so many rows.
    pub fn new(arguments: &TrainingArguments, rows: usize) -> Self {
        Self {
            rows,
            batch_size: arguments.per_device_train_batch_size,
            accumulation: arguments.gradient_accumulation_steps,
            num_train_epochs: arguments.num_train_epochs,
            max_steps: arguments.max_steps,
            drop_last: arguments.dataloader_drop_last,
        }
    }

    /// The settings as the compiler counts with them too.
    fn facts(&self) -> Facts<'static> {
        Facts {
            num_train_epochs: self.num_train_epochs,
            max_steps: self.max_steps,
            per_device_train_batch_size: self.batch_size,
            gradient_accumulation_steps: self.accumulation,
            dataloader_drop_last: self.drop_last,
            ..Facts::DEFAULT
        }
    }
}

impl Default for PlanSettings {
    /// Hugging Face's defaults, for no rows.
    fn default() -> Self {
        Self::new(&TrainingArguments::default(), 0)
    }
}

/// The steps of a run.
///
/// Source: `transformers.Trainer.set_initial_training_values`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    settings: PlanSettings,
    batches_per_epoch: usize,
    updates_per_epoch: usize,
    max_steps: usize,
    epochs: usize,
}

/// A place between two updates of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Updates of this epoch that are done.
    pub update_in_epoch: usize,
    /// Micro-batches of this epoch that are done.
    pub micro_batch: usize,
}

/// The micro-batches of one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The update within its epoch, from 0.
    pub update_in_epoch: usize,
    /// The micro-batches within the epoch; the last window of an epoch may be short.
    pub micro_batches: Range<usize>,
}

impl Plan {
    /// Counts the steps of a run.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] if an epoch has no batch; [`ErrorKind::Arguments`] if a setting gives no update.
    pub fn new(settings: PlanSettings) -> Result<Self> {
        check(&settings)?;
        let PlanSettings { rows, batch_size, .. } = settings;
        if settings.drop_last && rows < batch_size {
            let message =
                format!("{rows} rows make no batch of {batch_size}, and `dataloader_drop_last` leaves out the rest");
            return Err(Error::new(ErrorKind::Data, message)
                .help("make `per_device_train_batch_size` smaller, or leave out `dataloader_drop_last`"));
        }
        let Some(length) = RunLength::of(&settings.facts(), rows) else {
            let message = format!("`num_train_epochs` of {} makes too many updates", settings.num_train_epochs);
            return Err(Error::new(ErrorKind::Arguments, message).help("set `max_steps`"));
        };
        let RunLength { batches_per_epoch, updates_per_epoch, updates: max_steps, epochs } = length;
        Ok(Self { settings, batches_per_epoch, updates_per_epoch, max_steps, epochs })
    }

    /// What the plan follows from.
    pub fn settings(&self) -> &PlanSettings {
        &self.settings
    }

    /// Rows of the training set.
    pub fn rows(&self) -> usize {
        self.settings.rows
    }

    /// Rows of a micro-batch.
    pub fn batch_size(&self) -> usize {
        self.settings.batch_size
    }

    /// Micro-batches of an update.
    pub fn accumulation(&self) -> usize {
        self.settings.accumulation
    }

    /// Micro-batches of an epoch.
    pub fn batches_per_epoch(&self) -> usize {
        self.batches_per_epoch
    }

    /// Updates of an epoch.
    pub fn updates_per_epoch(&self) -> usize {
        self.updates_per_epoch
    }

    /// Updates of the run.
    pub fn max_steps(&self) -> usize {
        self.max_steps
    }

    /// Epochs that are begun; the last need not be run to its end.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Rows that an epoch takes: all, or those of whole batches.
    pub fn rows_per_epoch(&self) -> usize {
        self.rows().min(self.batches_per_epoch * self.batch_size())
    }

    /// The rows of the run as Hugging Face counts them for `train_samples_per_second`.
    pub fn num_train_samples(&self) -> f64 {
        match self.settings.max_steps {
            Some(max_steps) => max_steps as f64 * (self.batch_size() * self.accumulation()) as f64,
            None => self.rows() as f64 * self.settings.num_train_epochs,
        }
    }

    /// The windows of an epoch from an update on (from 0 for a whole epoch), one for each update.
    pub fn windows(&self, from_update: usize) -> impl Iterator<Item = Window> + '_ {
        (from_update..self.updates_per_epoch).map(|update| self.window(update))
    }

    /// The micro-batches of an update of an epoch.
    fn window(&self, update_in_epoch: usize) -> Window {
        let begin = update_in_epoch * self.accumulation();
        let end = (begin + self.accumulation()).min(self.batches_per_epoch);
        Window { update_in_epoch, micro_batches: begin..end }
    }

    /// The places in the epoch's order that a micro-batch takes; the last may be short.
    pub fn places(&self, micro_batch: usize) -> Range<usize> {
        let begin = micro_batch * self.batch_size();
        begin..(begin + self.batch_size()).min(self.rows())
    }

    /// Epochs done, as logged, when so many micro-batches of an epoch are done.
    pub fn fractional_epoch(&self, epoch: usize, micro_batches_done: usize) -> f64 {
        epoch as f64 + micro_batches_done as f64 / self.batches_per_epoch as f64
    }

    /// Where the run stands after so many updates.
    pub fn position(&self, updates: usize) -> Position {
        let update_in_epoch = updates % self.updates_per_epoch;
        let micro_batch = update_in_epoch * self.accumulation();
        Position { epoch: updates / self.updates_per_epoch, update_in_epoch, micro_batch }
    }

    /// Rows that went through the model in so many updates.
    pub fn samples_consumed(&self, updates: usize) -> usize {
        let Position { epoch, micro_batch, .. } = self.position(updates);
        epoch * self.rows_per_epoch() + (micro_batch * self.batch_size()).min(self.rows_per_epoch())
    }
}

fn check(settings: &PlanSettings) -> Result<()> {
    if settings.rows == 0 {
        return Err(Error::new(ErrorKind::Data, "the training set has no rows"));
    }
    for (name, value) in [
        ("per_device_train_batch_size", Some(settings.batch_size)),
        ("gradient_accumulation_steps", Some(settings.accumulation)),
        ("max_steps", settings.max_steps),
    ] {
        if value == Some(0) {
            return Err(Error::new(ErrorKind::Arguments, format!("`{name}` is 0, so the run takes no step"))
                .help("write 1 or more"));
        }
    }
    let epochs = settings.num_train_epochs;
    if settings.max_steps.is_none() && !(epochs.is_finite() && epochs > 0.0) {
        return Err(Error::new(
            ErrorKind::Arguments,
            format!("`num_train_epochs` is {epochs}, so the run takes no step"),
        )
        .help("write a number above 0, or set `max_steps`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(rows: usize, batch_size: usize, accumulation: usize, num_train_epochs: f64) -> Plan {
        Plan::new(PlanSettings { rows, batch_size, accumulation, num_train_epochs, ..PlanSettings::default() }).unwrap()
    }

    #[test]
    fn the_last_window_of_an_epoch_is_short_and_epochs_are_fractions_of_micro_batches() {
        let plan = plan(10, 4, 2, 2.0);
        assert_eq!((plan.batches_per_epoch(), plan.updates_per_epoch(), plan.max_steps()), (3, 2, 4));
        let epochs: Vec<f64> = (0..2)
            .flat_map(|epoch| plan.windows(0).map(move |window| (epoch, window)).collect::<Vec<_>>())
            .map(|(epoch, window)| plan.fractional_epoch(epoch, window.micro_batches.end))
            .collect();
        assert_eq!(epochs, [0.6666666666666666, 1.0, 1.6666666666666665, 2.0]);
        assert_eq!(plan.windows(0).map(|window| window.micro_batches).collect::<Vec<_>>(), [0..2, 2..3]);
        assert_eq!(plan.windows(1).map(|window| window.update_in_epoch).collect::<Vec<_>>(), [1]);
        assert_eq!(plan.places(2), 8..10);
    }

    #[test]
    fn a_part_of_an_epoch_is_rounded_up_to_an_update() {
        let plan = plan(46, 4, 3, 1.5);
        assert_eq!((plan.batches_per_epoch(), plan.updates_per_epoch()), (12, 4));
        assert_eq!((plan.max_steps(), plan.epochs()), (6, 2));
    }

    #[test]
    fn max_steps_takes_the_place_of_epochs() {
        let settings = PlanSettings { rows: 10, batch_size: 4, max_steps: Some(7), ..PlanSettings::default() };
        let plan = Plan::new(settings).unwrap();
        assert_eq!((plan.max_steps(), plan.epochs()), (7, 3));
        assert!((plan.num_train_samples() - 28.0).abs() < 1e-9);
    }

    #[test]
    fn a_batch_that_is_not_full_can_be_left_out() {
        let settings = PlanSettings { rows: 10, batch_size: 4, drop_last: true, ..PlanSettings::default() };
        let plan = Plan::new(settings).unwrap();
        assert_eq!((plan.batches_per_epoch(), plan.rows_per_epoch(), plan.max_steps()), (2, 8, 6));
        assert_eq!(plan.samples_consumed(3), 12);
    }

    #[test]
    fn the_place_after_an_update_counts_the_rows_before_it() {
        let plan = plan(10, 4, 2, 3.0);
        assert_eq!(plan.position(3), Position { epoch: 1, update_in_epoch: 1, micro_batch: 2 });
        assert_eq!(plan.samples_consumed(1), 8);
        assert_eq!(plan.samples_consumed(2), 10);
        assert_eq!(plan.samples_consumed(3), 18);
    }

    #[test]
    fn a_run_without_a_step_is_refused_by_name() {
        let few = PlanSettings { rows: 3, drop_last: true, ..PlanSettings::default() };
        let refused = [
            (PlanSettings::default(), "no rows"),
            (few, "`dataloader_drop_last`"),
            (PlanSettings { rows: 5, batch_size: 0, ..PlanSettings::default() }, "`per_device_train_batch_size`"),
            (PlanSettings { rows: 5, max_steps: Some(0), ..PlanSettings::default() }, "`max_steps`"),
            (PlanSettings { rows: 5, num_train_epochs: f64::NAN, ..PlanSettings::default() }, "`num_train_epochs`"),
            (PlanSettings { rows: 5, num_train_epochs: 1e300, ..PlanSettings::default() }, "`num_train_epochs`"),
        ];
        for (settings, named) in refused {
            let error = Plan::new(settings).unwrap_err();
            assert!(error.message().contains(named), "{error}");
        }
    }
}
