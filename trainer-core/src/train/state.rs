//! What a run knows about itself at an update, in the file that Hugging Face writes.
//!
//! In: the plan and the intervals of a run, or a `trainer_state.json` of this crate or of `transformers`. Out: the same file,
//! with the same 20 keys, which Python's `TrainerState.load_from_json` loads. It refuses a key that the file does not
//! have, because Python does. What is ours alone is in [`RunRecord`](super::checkpoint::RunRecord).

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::flow::Intervals;
use super::plan::Plan;
use super::python_json::{self, float, optional_float, whole};
use crate::error::{Error, ErrorKind, Result};

/// One log event: its values by name, such as `loss`, `learning_rate`, `eval_f1`.
///
/// Numbers that are not finite are strings, see [`number_to_json`](super::number_to_json).
pub type LogEntry = Map<String, Value>;

/// What a run knows about itself. One step is one update, whatever the gradient accumulation.
///
/// Source: `transformers.TrainerState`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainerState {
    /// The update of the best evaluation so far.
    pub best_global_step: Option<usize>,
    /// The metric at the best evaluation so far.
    #[serde(with = "optional_float")]
    pub best_metric: Option<f64>,
    /// The folder of the checkpoint of the best evaluation so far.
    pub best_model_checkpoint: Option<String>,
    /// Epochs done; the fraction is the part of the current one, in micro-batches.
    #[serde(with = "float")]
    pub epoch: f64,
    /// Updates between two evaluations.
    #[serde(deserialize_with = "whole")]
    pub eval_steps: usize,
    /// Updates done.
    #[serde(deserialize_with = "whole")]
    pub global_step: usize,
    /// Whether this run is a trial of a search.
    pub is_hyper_param_search: bool,
    /// Whether this process is the first on its machine.
    pub is_local_process_zero: bool,
    /// Whether this process is the first of all.
    pub is_world_process_zero: bool,
    /// All log events, oldest first; each with its `step`.
    pub log_history: Vec<LogEntry>,
    /// Updates between two log events.
    #[serde(deserialize_with = "whole")]
    pub logging_steps: usize,
    /// Updates of the whole run.
    #[serde(deserialize_with = "whole")]
    pub max_steps: usize,
    /// Tokens that went into the model.
    #[serde(deserialize_with = "whole")]
    pub num_input_tokens_seen: usize,
    /// Epochs of the whole run, the last perhaps not to its end.
    #[serde(deserialize_with = "whole")]
    pub num_train_epochs: usize,
    /// Updates between two checkpoints.
    #[serde(deserialize_with = "whole")]
    pub save_steps: usize,
    /// What callbacks keep between runs, by their name.
    pub stateful_callbacks: Map<String, Value>,
    /// Floating-point operations done.
    #[serde(with = "float")]
    pub total_flos: f64,
    /// Rows of a micro-batch.
    pub train_batch_size: Option<usize>,
    /// The name of the trial of a search.
    pub trial_name: Option<String>,
    /// The hyper-parameters of the trial of a search.
    pub trial_params: Option<Map<String, Value>>,
}

impl Default for TrainerState {
    fn default() -> Self {
        Self {
            best_global_step: None,
            best_metric: None,
            best_model_checkpoint: None,
            epoch: 0.0,
            eval_steps: Intervals::UNUSED,
            global_step: 0,
            is_hyper_param_search: false,
            is_local_process_zero: true,
            is_world_process_zero: true,
            log_history: Vec::new(),
            logging_steps: Intervals::UNUSED,
            max_steps: 0,
            num_input_tokens_seen: 0,
            num_train_epochs: 0,
            save_steps: Intervals::UNUSED,
            stateful_callbacks: Map::new(),
            total_flos: 0.0,
            train_batch_size: None,
            trial_name: None,
            trial_params: None,
        }
    }
}

impl TrainerState {
    /// The name of its file in a checkpoint.
    pub const FILE_NAME: &'static str = "trainer_state.json";

    /// The state before the first update of a run.
    pub fn new(plan: &Plan, intervals: &Intervals) -> Self {
        let mut state = Self::default();
        state.take_plan(plan, intervals);
        state
    }

    /// Puts a run's plan and intervals in place of those the state had: for a run that resumes.
    pub fn take_plan(&mut self, plan: &Plan, intervals: &Intervals) {
        self.logging_steps = intervals.logging_steps;
        self.eval_steps = intervals.eval_steps;
        self.save_steps = intervals.save_steps;
        self.max_steps = plan.max_steps();
        self.num_train_epochs = plan.epochs();
        self.train_batch_size = Some(plan.batch_size());
    }

    /// Appends a log event to the history, with the update it happened at, and gives it as it now stands there.
    pub fn log(&mut self, mut logs: LogEntry) -> LogEntry {
        logs.insert("epoch".to_owned(), python_json::number_to_json(self.epoch));
        logs.insert("step".to_owned(), Value::from(self.global_step));
        self.log_history.push(logs.clone());
        logs
    }

    /// Reads the text of a `trainer_state.json`.
    ///
    /// # Errors
    /// [`ErrorKind::Checkpoint`] for text that is not JSON, for an unknown key and for a value of the wrong kind.
    pub fn from_json(text: &str) -> Result<Self> {
        let value = python_json::parse(text).map_err(|error| unreadable(&error))?;
        serde_json::from_value(value).map_err(|error| unreadable(&error))
    }

    /// The text of `trainer_state.json`: keys in order, floats as Python prints them.
    pub fn to_json(&self) -> Result<String> {
        let value = serde_json::to_value(self).map_err(|error| unreadable(&error))?;
        Ok(python_json::print(&value) + "\n")
    }

    /// Reads `trainer_state.json` from a checkpoint.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where there is no such file, [`ErrorKind::Checkpoint`] where its content is not a state.
    pub fn load(checkpoint: &Path) -> Result<Self> {
        let path = checkpoint.join(Self::FILE_NAME);
        let text = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
        Self::from_json(&text).map_err(|error| error.at(path.display()))
    }

    /// Writes `trainer_state.json` into a folder; [`checkpoint::write`](super::checkpoint::write) makes it last.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(Self::FILE_NAME);
        fs::write(&path, self.to_json()?).map_err(|error| Error::io("write", &path, error))
    }
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Checkpoint, format!("this is no state of a run: {error}"))
        .help("take another checkpoint, or start without `resume_from_checkpoint`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{PlanSettings, number_to_json};

    const KEYS: [&str; 20] = [
        "best_global_step",
        "best_metric",
        "best_model_checkpoint",
        "epoch",
        "eval_steps",
        "global_step",
        "is_hyper_param_search",
        "is_local_process_zero",
        "is_world_process_zero",
        "log_history",
        "logging_steps",
        "max_steps",
        "num_input_tokens_seen",
        "num_train_epochs",
        "save_steps",
        "stateful_callbacks",
        "total_flos",
        "train_batch_size",
        "trial_name",
        "trial_params",
    ];

    #[test]
    fn the_file_has_exactly_the_keys_that_python_takes() {
        let Value::Object(map) = serde_json::to_value(TrainerState::default()).unwrap() else { panic!("no object") };
        assert_eq!(map.keys().collect::<Vec<_>>(), KEYS);
    }

    #[test]
    fn a_state_survives_its_file_with_numbers_that_are_not_finite() {
        let mut state = TrainerState { best_metric: Some(f64::NEG_INFINITY), ..TrainerState::default() };
        state.global_step = 7;
        state.log(LogEntry::from_iter([("grad_norm".to_owned(), number_to_json(f64::NAN))]));
        let text = state.to_json().unwrap();
        assert!(text.contains("\"grad_norm\": NaN,") && text.contains("\"best_metric\": -Infinity,"), "{text}");
        assert_eq!(TrainerState::from_json(&text).unwrap(), state);
    }

    #[test]
    fn the_plan_of_a_run_is_in_its_state() {
        let plan = Plan::new(PlanSettings { rows: 46, batch_size: 8, ..PlanSettings::default() }).unwrap();
        let intervals = Intervals { logging_steps: 10, save_steps: 4, ..Intervals::default() };
        let state = TrainerState::new(&plan, &intervals);
        assert_eq!((state.logging_steps, state.eval_steps, state.save_steps), (10, 500, 4));
        assert_eq!((state.max_steps, state.num_train_epochs, state.train_batch_size), (18, 3, Some(8)));
    }

    #[test]
    fn older_files_lack_keys_and_counts_may_be_floats() {
        let state = TrainerState::from_json(r#"{"global_step": 12.0, "epoch": 2, "best_metric": null}"#).unwrap();
        assert_eq!((state.global_step, state.epoch, state.save_steps), (12, 2.0, 500));
    }

    #[test]
    fn an_unknown_key_and_a_torn_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("trainer_state.json"), r#"{"global_stp": 1}"#).unwrap();
        let error = TrainerState::load(folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checkpoint);
        assert!(error.message().contains("trainer_state.json") && error.message().contains("global_stp"), "{error}");
        fs::write(folder.path().join("trainer_state.json"), "{\n \"epoch\": 1.0,\n ").unwrap();
        assert!(TrainerState::load(folder.path()).unwrap_err().message().contains("line 3"));
    }
}
