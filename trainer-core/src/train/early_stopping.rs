//! Stops a run whose evaluations no longer get better.

use serde_json::{Value, json};

use super::best::BestModel;
use super::callback::{Callback, RunMoment};
use super::control::Control;
use super::state::{LogEntry, TrainerState};
use crate::error::{Error, ErrorKind, Result};

/// Stops a run when so many evaluations in a row were no better than the best before them.
///
/// It is told of an evaluation before the state counts it for the best. An evaluation that does not give the metric,
/// because it is of another data set, is not counted.
///
/// Source: `transformers.EarlyStoppingCallback`. On resume the count of evaluations goes on; patience and threshold are
/// those of the run that resumes, so that both can be raised.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyStopping {
    patience: usize,
    threshold: f64,
    evaluations_without_better: usize,
}

impl EarlyStopping {
    /// Stops after `patience` evaluations that are not better by more than `threshold`.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a patience of 0, or a threshold that is negative or not finite.
    pub fn new(patience: usize, threshold: f64) -> Result<Self> {
        if patience == 0 {
            return Err(Error::new(
                ErrorKind::Arguments,
                "`early_stopping_patience` is 0, which stops any run at once",
            )
            .help("write 1 to stop at the first evaluation that is no better"));
        }
        if !threshold.is_finite() || threshold < 0.0 {
            let message = format!("`early_stopping_threshold` is {threshold}, and a metric cannot be better by that");
            return Err(Error::new(ErrorKind::Arguments, message).help("write 0 or a small positive number"));
        }
        Ok(Self { patience, threshold, evaluations_without_better: 0 })
    }

    fn is_better(&self, value: f64, best: &BestModel, state: &TrainerState) -> bool {
        state.best_metric.is_none_or(|before| best.is_better(value, before) && (value - before).abs() > self.threshold)
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &'static str {
        "EarlyStoppingCallback"
    }

    fn saved_state(&self) -> Option<Value> {
        Some(json!({
            "args": {
                "early_stopping_patience": self.patience,
                "early_stopping_threshold": self.threshold,
            },
            "attributes": { "early_stopping_patience_counter": self.evaluations_without_better },
        }))
    }

    fn restore(&mut self, saved: &Value) -> Result<()> {
        let count = saved["attributes"]["early_stopping_patience_counter"].as_u64();
        let count = count.and_then(|count| usize::try_from(count).ok()).ok_or_else(|| {
            Error::new(ErrorKind::Checkpoint, "its state in the checkpoint has no `early_stopping_patience_counter`")
        })?;
        self.evaluations_without_better = count;
        Ok(())
    }

    fn on_train_begin(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        if moment.best.is_some() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Arguments, "early stopping has no metric to look at")
            .help("set `metric_for_best_model`, and an `eval_strategy` other than `no`"))
    }

    fn on_evaluate(&mut self, moment: &RunMoment<'_>, metrics: &LogEntry, control: &mut Control) -> Result<()> {
        let Some(best) = moment.best else { return Ok(()) };
        let is_better = match best.value_in(metrics) {
            Some(value) => self.is_better(value, best, moment.state),
            // As for Hugging Face: before there is a best, any evaluation is better; NaN is none after that.
            None if best.is_undefined_in(metrics) => moment.state.best_metric.is_none(),
            None => return Ok(()),
        };
        self.evaluations_without_better = if is_better { 0 } else { self.evaluations_without_better + 1 };
        if self.evaluations_without_better >= self.patience {
            control.should_training_stop = true;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::TrainingArguments;
    use crate::train::{CallbackList, Plan, PlanSettings, number_to_json};

    /// The evaluations that a run gets to see, in HF's order: told first, judged then.
    fn evaluations_until_stop(
        stopping: &mut EarlyStopping,
        state: &mut TrainerState,
        metric: &str,
        values: &[f64],
    ) -> usize {
        let arguments =
            TrainingArguments { metric_for_best_model: Some(metric.to_owned()), ..TrainingArguments::default() };
        let best = BestModel::new(&arguments, |_| None).unwrap();
        let plan = Plan::new(PlanSettings { rows: 8, ..PlanSettings::default() }).unwrap();
        let mut control = Control::default();
        for (done, value) in values.iter().enumerate() {
            let logged = if value.is_nan() { Value::Null } else { number_to_json(*value) };
            let metrics = LogEntry::from_iter([(best.key().to_owned(), logged)]);
            stopping.on_evaluate(&RunMoment::new(state, &plan, Some(&best)), &metrics, &mut control).unwrap();
            best.judge(&metrics, state).unwrap();
            if control.should_training_stop {
                return done + 1;
            }
        }
        values.len()
    }

    fn fresh(patience: usize, threshold: f64, metric: &str, values: &[f64]) -> usize {
        let mut stopping = EarlyStopping::new(patience, threshold).unwrap();
        evaluations_until_stop(&mut stopping, &mut TrainerState::default(), metric, values)
    }

    #[test]
    fn patience_counts_evaluations_in_a_row_that_are_no_better() {
        assert_eq!(fresh(2, 0.0, "f1", &[0.5, 0.4, 0.6, 0.6, 0.5, 0.9]), 5);
        assert_eq!(fresh(1, 0.0, "loss", &[1.0, 0.9, 0.9, 0.1]), 3);
        assert_eq!(fresh(3, 0.0, "loss", &[1.0, 0.9, 0.8]), 3);
    }

    #[test]
    fn a_gain_within_the_threshold_is_none_but_moves_the_best() {
        // The best moves to 0.55, then to 0.6: neither gain is more than 0.1, though both together are no less.
        assert_eq!(fresh(2, 0.1, "f1", &[0.5, 0.55, 0.6, 0.9]), 3);
    }

    #[test]
    fn nan_is_not_better() {
        assert_eq!(fresh(1, 0.0, "loss", &[1.0, f64::NAN, 0.1]), 2);
        assert_eq!(fresh(1, 0.0, "loss", &[f64::NAN, f64::NAN, 0.1]), 2);
    }

    #[test]
    fn a_run_that_resumes_goes_on_counting() {
        let mut state = TrainerState::default();
        let mut before = EarlyStopping::new(3, 0.0).unwrap();
        evaluations_until_stop(&mut before, &mut state, "loss", &[1.0, 2.0, 2.0]);
        let saved = before.saved_state().unwrap();
        let mut after = CallbackList::new();
        after.push(Box::new(EarlyStopping::new(3, 0.0).unwrap()));
        let states = serde_json::Map::from_iter([("EarlyStoppingCallback".to_owned(), saved.clone())]);
        assert!(after.restore(&states).unwrap().is_empty());
        let mut one = EarlyStopping::new(3, 0.0).unwrap();
        one.restore(&saved).unwrap();
        assert_eq!(one, before);
        assert_eq!(evaluations_until_stop(&mut one, &mut state, "loss", &[2.0, 0.1]), 1);
        assert_eq!(after.saved_states(Control::default())["EarlyStoppingCallback"], saved);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        assert!(EarlyStopping::new(0, 0.0).is_err() && EarlyStopping::new(1, f64::NAN).is_err());
        let plan = Plan::new(PlanSettings { rows: 8, ..PlanSettings::default() }).unwrap();
        let state = TrainerState::default();
        let mut stopping = EarlyStopping::new(1, 0.0).unwrap();
        let error = stopping.on_train_begin(&RunMoment::new(&state, &plan, None), &mut Control::default()).unwrap_err();
        assert!(error.to_string().contains("`metric_for_best_model`"), "{error}");
    }
}
