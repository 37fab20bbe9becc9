//! Steps, events and the state of a run, compared with a run of Hugging Face's `Trainer`.

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use trainer_core::Result;
use trainer_core::args::{IntervalStrategy, SaveStrategy, StepsOrRatio, TrainingArguments, Warmup};
use trainer_core::train::{
    Callback, CallbackList, Control, Intervals, LogEntry, Plan, PlanSettings, PredictionProgress, RunMoment,
    TrainerState, number_to_json,
};

/// An event by its name, with the updates and epochs done.
type Event = (String, usize, f64);

fn reference() -> Value {
    let text = fs::read_to_string(trainer_tests::fixtures().join("bookkeeping/run.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The arguments of the reference run.
fn arguments() -> TrainingArguments {
    TrainingArguments {
        per_device_train_batch_size: 4,
        per_device_eval_batch_size: 8,
        num_train_epochs: 1.5,
        gradient_accumulation_steps: 3,
        warmup: Warmup::Ratio(0.1),
        logging_steps: StepsOrRatio::Steps(4),
        logging_first_step: true,
        eval_strategy: IntervalStrategy::Steps,
        eval_steps: Some(StepsOrRatio::Steps(5)),
        save_strategy: SaveStrategy::No,
        ..TrainingArguments::default()
    }
}

fn plan() -> Plan {
    Plan::new(PlanSettings::new(&arguments(), 46)).unwrap()
}

/// Notes every event.
struct Recorder(Arc<Mutex<Vec<Event>>>);

impl Recorder {
    fn note(&self, name: &str, moment: &RunMoment<'_>) {
        self.0.lock().unwrap().push((name.to_owned(), moment.state.global_step, moment.state.epoch));
    }
}

macro_rules! note {
    ($($event:ident $name:literal;)+) => {
        $(fn $event(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
            self.note($name, moment);
            Ok(())
        })+
    };
}

impl Callback for Recorder {
    note! {
        on_train_begin "train_begin";
        on_train_end "train_end";
        on_epoch_begin "epoch_begin";
        on_epoch_end "epoch_end";
        on_step_begin "step_begin";
        on_substep_end "substep_end";
        on_pre_optimizer_step "pre_optimizer_step";
        on_optimizer_step "optimizer_step";
        on_step_end "step_end";
        on_save "save";
    }

    fn on_log(&mut self, moment: &RunMoment<'_>, _logs: &LogEntry, _control: &mut Control) -> Result<()> {
        self.note("log", moment);
        Ok(())
    }

    fn on_evaluate(&mut self, moment: &RunMoment<'_>, _metrics: &LogEntry, _control: &mut Control) -> Result<()> {
        self.note("evaluate", moment);
        Ok(())
    }

    fn on_prediction_step(
        &mut self,
        moment: &RunMoment<'_>,
        _progress: PredictionProgress,
        _control: &mut Control,
    ) -> Result<()> {
        self.note("prediction_step", moment);
        Ok(())
    }
}

/// A run without a model: only what is counted, decided and told.
struct DryRun {
    plan: Plan,
    intervals: Intervals,
    state: TrainerState,
    control: Control,
    callbacks: CallbackList,
    last_logged: usize,
}

macro_rules! tell {
    ($run:expr, $event:ident $(, $extra:expr)*) => {
        $run.callbacks.$event(&RunMoment::new(&$run.state, &$run.plan, None) $(, $extra)*, &mut $run.control).unwrap()
    };
}

impl DryRun {
    fn log(&mut self, key: &str) {
        let logs = self.state.log(LogEntry::from_iter([(key.to_owned(), number_to_json(1.0))]));
        tell!(self, on_log, &logs);
    }

    fn do_what_is_due(&mut self) {
        if self.control.should_log && self.state.global_step > self.last_logged {
            self.log("loss");
            self.last_logged = self.state.global_step;
        }
        if self.control.should_evaluate {
            for done in 1..=2 {
                tell!(self, on_prediction_step, PredictionProgress { done, total: 2 });
            }
            self.log("eval_loss");
            tell!(self, on_evaluate, &LogEntry::new());
        }
        if self.control.should_save {
            tell!(self, on_save);
        }
    }

    fn update(&mut self, epoch: usize, micro_batches: std::ops::Range<usize>) {
        tell!(self, on_step_begin);
        for _ in 1..micro_batches.len() {
            tell!(self, on_substep_end);
        }
        tell!(self, on_pre_optimizer_step);
        tell!(self, on_optimizer_step);
        self.state.global_step += 1;
        self.state.epoch = self.plan.fractional_epoch(epoch, micro_batches.end);
        self.control |= self.intervals.after_update(self.state.global_step, self.plan.max_steps());
        tell!(self, on_step_end);
        self.do_what_is_due();
    }

    fn run(&mut self) {
        tell!(self, on_train_begin);
        for epoch in 0..self.plan.epochs() {
            tell!(self, on_epoch_begin);
            let windows: Vec<_> = self.plan.windows(0).collect();
            for window in windows {
                self.update(epoch, window.micro_batches);
                if self.control.should_training_stop {
                    break;
                }
            }
            self.control |= self.intervals.after_epoch(self.state.epoch);
            tell!(self, on_epoch_end);
            self.do_what_is_due();
        }
        self.log("train_loss");
        tell!(self, on_train_end);
    }
}

#[test]
fn the_steps_of_a_run_are_those_of_the_reference() {
    let (reference, plan) = (reference(), plan());
    assert_eq!(reference["rows"], plan.rows());
    assert_eq!(reference["batches_per_epoch"], plan.batches_per_epoch());
    assert_eq!(reference["total_updates"], plan.max_steps());
    assert_eq!(arguments().warmup.of(plan.max_steps()), 1);
}

#[test]
fn events_and_log_history_come_in_the_order_of_the_reference() {
    let reference = reference();
    let events = Arc::default();
    let mut callbacks = CallbackList::new();
    callbacks.push(Box::new(Recorder(Arc::clone(&events))));
    let (plan, control) = (plan(), Control::default());
    let intervals = Intervals::new(&arguments(), plan.max_steps());
    let state = TrainerState::new(&plan, &intervals);
    let mut run = DryRun { plan, intervals, state, control, callbacks, last_logged: 0 };
    run.run();
    let expected: Vec<Event> = serde_json::from_value(reference["events"].clone()).unwrap();
    assert_eq!(*events.lock().unwrap(), expected);
    let moments = |history: &[Value]| {
        let of = |entry: &Value| (entry["step"].as_u64(), entry["epoch"].as_f64(), entry.get("eval_loss").is_some());
        history.iter().map(of).collect::<Vec<_>>()
    };
    let history: Vec<Value> = run.state.log_history.into_iter().map(Value::Object).collect();
    assert_eq!(moments(&history), moments(reference["log_history"].as_array().unwrap()));
}

#[test]
fn a_state_of_the_reference_loads_and_is_written_back_byte_for_byte() {
    let folder = trainer_tests::fixtures().join("bookkeeping");
    let text = fs::read_to_string(folder.join("trainer_state.json")).unwrap();
    let state = TrainerState::load(&folder).unwrap();
    assert_eq!((state.global_step, state.max_steps, state.train_batch_size), (18, 18, Some(8)));
    assert_eq!(state.log_history.len(), 22);
    assert_eq!(state.log_history[1]["learning_rate"], 0.001);
    assert_eq!(state.to_json().unwrap(), text);
    // The switches that were saved with it are what this crate saves for a run that ended.
    assert_eq!(CallbackList::new().saved_states(Control::default()), state.stateful_callbacks);
}
