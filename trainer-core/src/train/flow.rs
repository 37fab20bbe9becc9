//! When a run logs, evaluates, saves and stops.
//!
//! In: the strategies that the arguments set, and where the run stands. Out: what is due, as a [`Control`], to which
//! callbacks may add. Pure functions: the same place in a run gives the same answer.

use super::control::Control;
use crate::args::{IntervalStrategy, SaveStrategy, TrainingArguments};

/// When a run logs, evaluates and saves; intervals are updates, and 0 is never.
///
/// Source: `transformers.DefaultFlowCallback`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intervals {
    /// What logging goes by.
    pub logging_strategy: IntervalStrategy,
    /// Updates between log events, with the strategy `steps`.
    pub logging_steps: usize,
    /// Whether it logs after the first update, whatever the strategy.
    pub logging_first_step: bool,
    /// What evaluation goes by.
    pub eval_strategy: IntervalStrategy,
    /// Updates between evaluations, with the strategy `steps`.
    pub eval_steps: usize,
    /// Updates (strategy `steps`) or epochs (strategy `epoch`) before the first evaluation.
    pub eval_delay: f64,
    /// Whether it evaluates before the first update.
    pub eval_on_start: bool,
    /// What checkpoints go by.
    pub save_strategy: SaveStrategy,
    /// Updates between checkpoints, with the strategy `steps`.
    pub save_steps: usize,
}

impl Default for Intervals {
    /// Hugging Face's defaults: a log event and a checkpoint every 500 updates, no evaluation.
    fn default() -> Self {
        Self::new(&TrainingArguments::default(), 0)
    }
}

impl Intervals {
    /// The intervals that the arguments set, for a run of `max_steps` updates: shares of the run become updates.
    pub fn new(arguments: &TrainingArguments, max_steps: usize) -> Self {
        let logging_steps = arguments.logging_steps.of(max_steps);
        let eval_steps = match (arguments.eval_steps, arguments.eval_strategy) {
            (Some(steps), _) => steps.of(max_steps),
            (None, IntervalStrategy::Steps) => logging_steps,
            (None, _) => Self::UNUSED,
        };
        Self {
            logging_strategy: arguments.logging_strategy,
            logging_steps,
            logging_first_step: arguments.logging_first_step,
            eval_strategy: arguments.eval_strategy,
            eval_steps,
            eval_delay: arguments.eval_delay,
            eval_on_start: arguments.eval_on_start,
            save_strategy: arguments.save_strategy,
            save_steps: arguments.save_steps.of(max_steps),
        }
    }

    /// The interval that Hugging Face writes where nothing set one.
    pub(super) const UNUSED: usize = 500;

    /// What is due when so many updates are done, of `max_steps`.
    ///
    /// The last update stops the run; with the strategy `steps` it also evaluates and saves.
    pub fn after_update(&self, update: usize, max_steps: usize) -> Control {
        let is_last = update >= max_steps;
        let is_due = |steps: usize| steps != 0 && update.is_multiple_of(steps);
        let logs_by_steps = self.logging_strategy == IntervalStrategy::Steps;
        let evaluates_by_steps = self.eval_strategy == IntervalStrategy::Steps && self.eval_delay <= update as f64;
        let saves_by_steps = self.save_strategy == SaveStrategy::Steps;
        Control {
            should_log: (update == 1 && self.logging_first_step) || (logs_by_steps && is_due(self.logging_steps)),
            should_evaluate: evaluates_by_steps && (is_last || is_due(self.eval_steps)),
            should_save: saves_by_steps && (is_last || is_due(self.save_steps)),
            should_training_stop: is_last,
            ..Control::default()
        }
    }

    /// What is due at the end of an epoch, when so many epochs are done.
    pub fn after_epoch(&self, epoch: f64) -> Control {
        Control {
            should_log: self.logging_strategy == IntervalStrategy::Epoch,
            should_evaluate: self.eval_strategy == IntervalStrategy::Epoch && self.eval_delay <= epoch,
            should_save: self.save_strategy == SaveStrategy::Epoch,
            ..Control::default()
        }
    }

    /// With the strategy `best` an evaluation alone decides whether a checkpoint is due.
    pub fn after_evaluation(&self, found: Found, control: &mut Control) {
        if self.save_strategy == SaveStrategy::Best {
            control.should_save = found == Found::Best;
        }
    }
}

/// What an evaluation found, compared with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The best metric so far.
    Best,
    /// Nothing better, or there is no metric to compare.
    NothingBetter,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::StepsOrRatio;

    #[test]
    fn shares_of_the_run_are_rounded_up_to_updates() {
        let mut arguments = TrainingArguments { logging_steps: StepsOrRatio::Ratio(0.1), ..Default::default() };
        arguments.eval_strategy = IntervalStrategy::Steps;
        let intervals = Intervals::new(&arguments, 94);
        assert_eq!((intervals.logging_steps, intervals.eval_steps, intervals.save_steps), (10, 10, 500));
    }

    fn due(intervals: &Intervals, max_steps: usize, what: fn(&Control) -> bool) -> Vec<usize> {
        (1..=max_steps).filter(|update| what(&intervals.after_update(*update, max_steps))).collect()
    }

    #[test]
    fn intervals_in_updates_also_evaluate_and_save_at_the_last() {
        let intervals = Intervals {
            logging_steps: 4,
            logging_first_step: true,
            eval_strategy: IntervalStrategy::Steps,
            eval_steps: 5,
            save_steps: 4,
            ..Intervals::default()
        };
        assert_eq!(due(&intervals, 6, |control| control.should_log), [1, 4]);
        assert_eq!(due(&intervals, 6, |control| control.should_evaluate), [5, 6]);
        assert_eq!(due(&intervals, 6, |control| control.should_save), [4, 6]);
        assert_eq!(due(&intervals, 6, |control| control.should_training_stop), [6]);
    }

    #[test]
    fn nothing_is_evaluated_before_the_delay() {
        let steps = Intervals {
            eval_strategy: IntervalStrategy::Steps,
            eval_steps: 2,
            eval_delay: 5.0,
            ..Intervals::default()
        };
        assert_eq!(due(&steps, 8, |control| control.should_evaluate), [6, 8]);
        assert_eq!(due(&steps, 4, |control| control.should_evaluate), [0; 0]);
        let epochs = Intervals { eval_strategy: IntervalStrategy::Epoch, eval_delay: 1.5, ..Intervals::default() };
        assert!(!epochs.after_epoch(1.0).should_evaluate);
        assert!(epochs.after_epoch(2.0).should_evaluate);
    }

    #[test]
    fn intervals_in_epochs_wait_for_the_end_of_the_epoch() {
        let intervals = Intervals {
            logging_strategy: IntervalStrategy::Epoch,
            eval_strategy: IntervalStrategy::Epoch,
            save_strategy: SaveStrategy::Epoch,
            ..Intervals::default()
        };
        let nothing = Control { should_training_stop: true, ..Control::default() };
        assert_eq!(intervals.after_update(6, 6), nothing);
        let all = Control { should_log: true, should_evaluate: true, should_save: true, ..Control::default() };
        assert_eq!(intervals.after_epoch(1.0), all);
        let never = Intervals {
            logging_strategy: IntervalStrategy::No,
            save_strategy: SaveStrategy::No,
            ..Intervals::default()
        };
        assert_eq!(never.after_epoch(1.0), Control::default());
        assert_eq!(never.after_update(6, 6), nothing);
    }

    #[test]
    fn an_interval_of_no_updates_is_never_due() {
        let intervals = Intervals { logging_steps: 0, save_steps: 0, ..Intervals::default() };
        assert_eq!(due(&intervals, 3, |control| control.should_log), [0; 0]);
        assert_eq!(due(&intervals, 3, |control| control.should_save), [3]);
    }

    #[test]
    fn the_strategy_best_saves_only_the_best() {
        let best = Intervals {
            save_strategy: SaveStrategy::Best,
            eval_strategy: IntervalStrategy::Steps,
            eval_steps: 1,
            ..Intervals::default()
        };
        let mut control = best.after_update(3, 3);
        assert!(control.should_evaluate && !control.should_save);
        best.after_evaluation(Found::Best, &mut control);
        assert!(control.should_save);
        best.after_evaluation(Found::NothingBetter, &mut control);
        assert!(!control.should_save);
        control.should_save = true;
        Intervals::default().after_evaluation(Found::NothingBetter, &mut control);
        assert!(control.should_save, "other strategies do not ask");
    }
}
