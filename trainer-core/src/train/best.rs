//! Which evaluation was the best.
//!
//! In: the metrics of an evaluation. Out: whether they beat all earlier ones, noted in the state. It refuses metrics among
//! which the chosen one is missing.

use std::path::Path;

use super::checkpoint;
use super::flow::Found;
use super::python_json::number_from_json;
use super::state::{LogEntry, TrainerState};
use crate::args::{SaveStrategy, SchedulerType, TrainingArguments};
use crate::error::{Error, ErrorKind, Result};

/// What the names of metrics begin with in logs.
pub const EVAL_PREFIX: &str = "eval_";

/// The metric that a run's best model is chosen by.
#[derive(Clone, Debug, PartialEq)]
pub struct BestModel {
    key: String,
    greater_is_better: bool,
    save_strategy: SaveStrategy,
}

impl BestModel {
    /// The metric that the arguments choose; `None` if nothing in the run asks which model is best.
    ///
    /// It is the loss if something asks and no metric is named. Greater is better if `greater_is_better` says so; if it is
    /// not given, the metric of that name (without `eval_`) knows; else greater is better unless the name ends in `loss`.
    pub fn new(arguments: &TrainingArguments, metric: impl Fn(&str) -> Option<bool>) -> Option<Self> {
        let plateau = matches!(arguments.lr_scheduler_type, SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy);
        let is_asked_for = arguments.load_best_model_at_end
            || arguments.early_stopping_patience.is_some()
            || arguments.save_strategy == SaveStrategy::Best
            || plateau;
        let name = match &arguments.metric_for_best_model {
            Some(name) => name.as_str(),
            None if is_asked_for => "loss",
            None => return None,
        };
        let known = || metric(name.strip_prefix(EVAL_PREFIX).unwrap_or(name));
        Some(Self {
            key: if name.starts_with(EVAL_PREFIX) { name.to_owned() } else { format!("{EVAL_PREFIX}{name}") },
            greater_is_better: arguments.greater_is_better.or_else(known).unwrap_or(!name.ends_with("loss")),
            save_strategy: arguments.save_strategy,
        })
    }

    /// The metric's name in logs, with `eval_`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether a greater value is better.
    pub fn greater_is_better(&self) -> bool {
        self.greater_is_better
    }

    /// Whether a value beats another; a tie does not, and NaN never does.
    pub fn is_better(&self, value: f64, than: f64) -> bool {
        if self.greater_is_better { value > than } else { value < than }
    }

    /// The metric's value, where it is among these metrics.
    pub fn value_in(&self, metrics: &LogEntry) -> Option<f64> {
        metrics.get(&self.key).and_then(number_from_json)
    }

    /// Whether the evaluation has the metric and could not compute it.
    pub fn is_undefined_in(&self, metrics: &LogEntry) -> bool {
        metrics.get(&self.key).is_some_and(serde_json::Value::is_null)
    }

    /// Compares an evaluation with the best so far, and notes it in the state if it is better. One of which the metric is
    /// undefined is no better than any.
    ///
    /// # Errors
    /// [`ErrorKind::Metric`] if the metric is not among those of the evaluation.
    ///
    /// Source: `transformers.Trainer._determine_best_metric`.
    pub fn judge(&self, metrics: &LogEntry, state: &mut TrainerState) -> Result<Found> {
        let worst = if self.greater_is_better { f64::NEG_INFINITY } else { f64::INFINITY };
        if self.is_undefined_in(metrics) {
            crate::note(format!("`{}` has no value in this evaluation, which is not taken for the best", self.key));
            state.best_metric.get_or_insert(worst);
            return Ok(Found::NothingBetter);
        }
        let value = self.value_in(metrics).ok_or_else(|| self.missing_from(metrics))?;
        let best = *state.best_metric.get_or_insert(worst);
        if !self.is_better(value, best) {
            return Ok(Found::NothingBetter);
        }
        state.best_metric = Some(value);
        if self.save_strategy != SaveStrategy::No {
            state.best_global_step = Some(state.global_step);
        }
        Ok(Found::Best)
    }

    fn missing_from(&self, metrics: &LogEntry) -> Error {
        let have: Vec<String> = metrics
            .iter()
            .filter(|(key, value)| key.starts_with(EVAL_PREFIX) && number_from_json(value).is_some())
            .map(|(key, _)| format!("`{key}`"))
            .collect();
        Error::new(
            ErrorKind::Metric,
            format!("`metric_for_best_model` is `{}`, which the evaluation did not give", self.key),
        )
        .help(format!("it gave {}", have.join(", ")))
    }
}

/// Notes in the state which checkpoint holds the best model, when the one of the state's update is being written.
///
/// A best evaluation at whose update nothing was saved names no checkpoint.
pub fn note_best_checkpoint(state: &mut TrainerState, output_dir: &Path) {
    let Some(step) = state.best_global_step else { return };
    let folder = checkpoint::folder_of(output_dir, step);
    if step == state.global_step || folder.is_dir() {
        state.best_model_checkpoint = Some(folder.to_string_lossy().into_owned());
    }
}

/// Forgets a best checkpoint that is no longer on disk, when a run resumes, and says so in a note to print.
pub fn forget_lost_checkpoint(state: &mut TrainerState) -> Option<String> {
    let lost = state.best_model_checkpoint.take_if(|folder| !Path::new(folder).is_dir())?;
    Some(format!("the best checkpoint so far, `{lost}`, is no longer there: the best of this run takes its place"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::number_to_json;

    fn by(metric: Option<&str>) -> BestModel {
        let arguments = TrainingArguments {
            metric_for_best_model: metric.map(str::to_owned),
            load_best_model_at_end: true,
            ..TrainingArguments::default()
        };
        BestModel::new(&arguments, |name| (name == "brier").then_some(false)).unwrap()
    }

    /// As an evaluation logs it: a value that is NaN is none.
    fn metrics(key: &str, value: f64) -> LogEntry {
        let value = if value.is_nan() { serde_json::Value::Null } else { number_to_json(value) };
        LogEntry::from_iter([(key.to_owned(), value)])
    }

    #[test]
    fn the_name_says_the_key_and_the_direction() {
        assert_eq!((by(None).key(), by(None).greater_is_better()), ("eval_loss", false));
        assert_eq!((by(Some("f1")).key(), by(Some("f1")).greater_is_better()), ("eval_f1", true));
        assert_eq!((by(Some("brier")).greater_is_better(), by(Some("eval_brier")).greater_is_better()), (false, false));
        assert_eq!(by(Some("eval_news_loss")).key(), "eval_news_loss");
        let told = TrainingArguments {
            metric_for_best_model: Some("wer".to_owned()),
            greater_is_better: Some(false),
            ..TrainingArguments::default()
        };
        assert!(!BestModel::new(&told, |_| Some(true)).unwrap().greater_is_better());
        assert_eq!(BestModel::new(&TrainingArguments::default(), |_| None), None);
    }

    #[test]
    fn a_tie_keeps_the_older_and_nan_is_never_best() {
        let best = by(Some("f1"));
        let mut state = TrainerState::default();
        let mut found = Vec::new();
        for (step, value) in [(1, f64::NAN), (2, 0.5), (3, 0.5), (4, 0.4), (5, f64::NAN), (6, 0.6)] {
            state.global_step = step;
            found.push(best.judge(&metrics("eval_f1", value), &mut state).unwrap() == Found::Best);
        }
        assert_eq!(found, [false, true, false, false, false, true]);
        assert_eq!((state.best_metric, state.best_global_step), (Some(0.6), Some(6)));
    }

    #[test]
    fn a_metric_that_is_missing_is_named_beside_those_that_are_there() {
        let error = by(Some("f2")).judge(&metrics("eval_f1", 0.5), &mut TrainerState::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Metric);
        assert!(error.to_string().contains("`eval_f2`") && error.to_string().contains("`eval_f1`"), "{error}");
    }

    #[test]
    fn the_best_checkpoint_is_one_that_is_there_or_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = TrainerState { global_step: 8, best_global_step: Some(4), ..TrainerState::default() };
        note_best_checkpoint(&mut state, folder.path());
        assert_eq!(state.best_model_checkpoint, None);
        state.best_global_step = Some(8);
        note_best_checkpoint(&mut state, folder.path());
        let written = folder.path().join("checkpoint-8");
        assert_eq!(state.best_model_checkpoint.as_deref(), written.to_str());
        let note = forget_lost_checkpoint(&mut state).unwrap();
        assert!(note.contains("checkpoint-8") && state.best_model_checkpoint.is_none(), "{note}");
        state.best_model_checkpoint = folder.path().to_str().map(str::to_owned);
        assert_eq!(forget_lost_checkpoint(&mut state), None);
        assert!(state.best_model_checkpoint.is_some());
    }
}
