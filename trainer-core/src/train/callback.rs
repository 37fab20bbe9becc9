//! Those who watch a run, and may steer it.
//!
//! In: what happens, in Hugging Face's order: train begin; epoch begin; step begin; a substep end for each micro-batch but
//! the last; pre-optimizer step; optimizer step; step end; then log, evaluate and save as due; epoch end; train end. Out:
//! the switches of [`Control`]. The first error of a callback stops the run, under the callback's name.

use std::path::Path;

use serde_json::{Map, Value};

use super::best::BestModel;
use super::control::Control;
use super::plan::Plan;
use super::state::{LogEntry, TrainerState};
use crate::error::Result;
use crate::tensor::gradients::Gradients;
use crate::tensor::params::Parameters;

/// Where a run stands when something happens: what a callback may look at.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RunMoment<'a> {
    /// Updates and epochs done, the history of logs, the best evaluation so far.
    pub state: &'a TrainerState,
    /// The steps of the run.
    pub plan: &'a Plan,
    /// The metric that the best model is chosen by, if it is chosen.
    pub best: Option<&'a BestModel>,
    /// The parameters, where the event has them.
    pub parameters: Option<&'a Parameters>,
    /// The gradients of the update by the names of their parameters, clipped: from `on_pre_optimizer_step` to
    /// `on_optimizer_step`. [`Gradient::to_tensor`](crate::tensor::gradients::Gradient::to_tensor) gives one in the shape of
    /// its parameter; of a table of embeddings only the rows that occurred are held.
    pub gradients: Option<&'a Gradients>,
    /// What the update gave: in `on_step_end`.
    pub update: Option<UpdateRecord>,
    /// The checkpoint that was written: in `on_save`.
    pub checkpoint: Option<&'a Path>,
}

impl<'a> RunMoment<'a> {
    /// A moment with what every event has.
    pub fn new(state: &'a TrainerState, plan: &'a Plan, best: Option<&'a BestModel>) -> Self {
        Self { state, plan, best, parameters: None, gradients: None, update: None, checkpoint: None }
    }
}

/// What one update gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UpdateRecord {
    /// The loss over the whole window.
    pub loss: f64,
    /// The L2 norm of all gradients before clipping.
    pub grad_norm: f64,
    /// The learning rate that the update used.
    pub learning_rate: f64,
    /// Rows of the window.
    pub rows: usize,
    /// Tokens of the window, without padding; 0 for rows that have none.
    pub tokens: usize,
}

/// How far an evaluation or a prediction is, in batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PredictionProgress {
    /// Batches done.
    pub done: usize,
    /// Batches in all.
    pub total: usize,
}

/// Watches a run and may steer it. Every method does nothing unless it is written.
///
/// Source: `transformers.TrainerCallback`.
pub trait Callback: Send {
    /// Its name in messages and in `trainer_state.json`; the type's name unless it is written.
    fn name(&self) -> &str {
        let path = std::any::type_name::<Self>();
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path)
    }

    /// What it wants back when the run resumes: `{"args": {…}, "attributes": {…}}`, as Hugging Face saves it.
    fn saved_state(&self) -> Option<Value> {
        None
    }

    /// Takes back what [`saved_state`](Self::saved_state) gave.
    fn restore(&mut self, _saved: &Value) -> Result<()> {
        Ok(())
    }

    /// Before the first epoch.
    fn on_train_begin(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After the last epoch; the best model is loaded already.
    fn on_train_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// Before the first update of an epoch.
    fn on_epoch_begin(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After the last update of an epoch, before what is due at its end.
    fn on_epoch_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// Before the first micro-batch of an update.
    fn on_step_begin(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After each micro-batch of an update but the last.
    fn on_substep_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After clipping, before the optimiser's step.
    fn on_pre_optimizer_step(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After the optimiser's step, before the gradients go.
    fn on_optimizer_step(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After an update, before what is due at it; `moment.update` has its loss.
    fn on_step_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After a log event, which is already the last of the state's history.
    fn on_log(&mut self, _moment: &RunMoment<'_>, _logs: &LogEntry, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After an evaluation, whose metrics begin with `eval_`; `moment.state` does not count it for the best yet.
    fn on_evaluate(&mut self, _moment: &RunMoment<'_>, _metrics: &LogEntry, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After a prediction, whose metrics begin with `test_`.
    fn on_predict(&mut self, _moment: &RunMoment<'_>, _metrics: &LogEntry, _control: &mut Control) -> Result<()> {
        Ok(())
    }

    /// After each batch of an evaluation or a prediction.
    fn on_prediction_step(
        &mut self,
        _moment: &RunMoment<'_>,
        _progress: PredictionProgress,
        _control: &mut Control,
    ) -> Result<()> {
        Ok(())
    }

    /// After a checkpoint was written, `moment.checkpoint`.
    fn on_save(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        Ok(())
    }
}

/// The callbacks of a run, in the order they were added. Each event clears the switches that it answers.
#[derive(Default)]
pub struct CallbackList {
    callbacks: Vec<Box<dyn Callback>>,
}

/// Defines the events that pass nothing but the moment.
macro_rules! events {
    ($($(#[$doc:meta])* $event:ident clears [$($switch:ident),*];)+) => {
        $(
            $(#[$doc])*
            pub fn $event(&mut self, moment: &RunMoment<'_>, control: &mut Control) -> Result<()> {
                $(control.$switch = false;)*
                self.tell(|callback| callback.$event(moment, control))
            }
        )+
    };
}

impl CallbackList {
    /// No callbacks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a callback behind the others.
    pub fn push(&mut self, callback: Box<dyn Callback>) {
        self.callbacks.push(callback);
    }

    /// How many callbacks there are.
    pub fn len(&self) -> usize {
        self.callbacks.len()
    }

    /// Whether there is no callback.
    pub fn is_empty(&self) -> bool {
        self.callbacks.is_empty()
    }

    events! {
        /// Tells all: the run begins.
        on_train_begin clears [should_training_stop, should_pause];
        /// Tells all: the run ends.
        on_train_end clears [];
        /// Tells all: an epoch begins.
        on_epoch_begin clears [should_epoch_stop];
        /// Tells all: an epoch ends.
        on_epoch_end clears [];
        /// Tells all: an update begins.
        on_step_begin clears [should_log, should_evaluate, should_save];
        /// Tells all: a micro-batch that is not the update's last is done.
        on_substep_end clears [];
        /// Tells all: the gradients are clipped.
        on_pre_optimizer_step clears [];
        /// Tells all: the parameters are changed.
        on_optimizer_step clears [];
        /// Tells all: an update is done.
        on_step_end clears [];
        /// Tells all: a checkpoint is written.
        on_save clears [should_save];
    }

    /// Tells all: something is logged.
    pub fn on_log(&mut self, moment: &RunMoment<'_>, logs: &LogEntry, control: &mut Control) -> Result<()> {
        control.should_log = false;
        self.tell(|callback| callback.on_log(moment, logs, control))
    }

    /// Tells all: an evaluation is done.
    pub fn on_evaluate(&mut self, moment: &RunMoment<'_>, metrics: &LogEntry, control: &mut Control) -> Result<()> {
        control.should_evaluate = false;
        self.tell(|callback| callback.on_evaluate(moment, metrics, control))
    }

    /// Tells all: a prediction is done.
    pub fn on_predict(&mut self, moment: &RunMoment<'_>, metrics: &LogEntry, control: &mut Control) -> Result<()> {
        self.tell(|callback| callback.on_predict(moment, metrics, control))
    }

    /// Tells all: a batch of an evaluation or a prediction is done.
    pub fn on_prediction_step(
        &mut self,
        moment: &RunMoment<'_>,
        progress: PredictionProgress,
        control: &mut Control,
    ) -> Result<()> {
        self.tell(|callback| callback.on_prediction_step(moment, progress, control))
    }

    fn tell(&mut self, mut event: impl FnMut(&mut dyn Callback) -> Result<()>) -> Result<()> {
        for callback in &mut self.callbacks {
            event(callback.as_mut()).map_err(|error| error.at(format!("callback `{}`", callback.name())))?;
        }
        Ok(())
    }

    /// What the callbacks want back on resume, by name, with the switches: `stateful_callbacks` of the state. Callbacks
    /// of the same name make a list.
    pub fn saved_states(&self, control: Control) -> Map<String, Value> {
        let mut states = Map::new();
        for callback in &self.callbacks {
            let Some(saved) = callback.saved_state() else { continue };
            match states.get_mut(callback.name()) {
                Some(Value::Array(list)) => list.push(saved),
                Some(first) => *first = Value::Array(vec![first.take(), saved]),
                None => {
                    states.insert(callback.name().to_owned(), saved);
                }
            }
        }
        states.insert(Control::NAME.to_owned(), control.to_json());
        states
    }

    /// Gives the callbacks back what they saved; callbacks of the same name in their order.
    ///
    /// The answer names saved states that no callback of this run has: notes to print.
    pub fn restore(&mut self, states: &Map<String, Value>) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for (name, saved) in states.iter().filter(|(name, _)| *name != Control::NAME) {
            let saved = match saved {
                Value::Array(list) => list.as_slice(),
                one => std::slice::from_ref(one),
            };
            let mut callbacks = self.callbacks.iter_mut().filter(|callback| callback.name() == name);
            for state in saved {
                match callbacks.next() {
                    Some(callback) => {
                        callback.restore(state).map_err(|error| error.at(format!("callback `{name}`")))?;
                    }
                    None => notes.push(format!("the checkpoint has a state of `{name}`, which this run does not have")),
                }
            }
        }
        Ok(notes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::train::PlanSettings;

    #[derive(Default)]
    struct Counter {
        steps: u64,
        order: Arc<Mutex<Vec<&'static str>>>,
        label: &'static str,
    }

    impl Callback for Counter {
        fn saved_state(&self) -> Option<Value> {
            Some(serde_json::json!({"args": {}, "attributes": {"steps": self.steps}}))
        }

        fn restore(&mut self, saved: &Value) -> Result<()> {
            self.steps = saved["attributes"]["steps"].as_u64().unwrap_or_default();
            Ok(())
        }

        fn on_step_end(&mut self, _moment: &RunMoment<'_>, control: &mut Control) -> Result<()> {
            self.steps += 1;
            self.order.lock().unwrap().push(self.label);
            control.should_save = self.steps == 2;
            Ok(())
        }

        fn on_save(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
            Err(Error::new(ErrorKind::Io, "no room"))
        }
    }

    fn with_moment<T>(look: impl FnOnce(&RunMoment<'_>) -> T) -> T {
        let plan = Plan::new(PlanSettings { rows: 8, ..PlanSettings::default() }).unwrap();
        look(&RunMoment::new(&TrainerState::default(), &plan, None))
    }

    #[test]
    fn events_reach_all_in_order_and_clear_the_switches_they_answer() {
        let order = Arc::default();
        let mut callbacks = CallbackList::new();
        for label in ["first", "second"] {
            callbacks.push(Box::new(Counter { label, order: Arc::clone(&order), ..Counter::default() }));
        }
        let mut control = Control { should_log: true, should_training_stop: true, ..Control::default() };
        with_moment(|moment| {
            callbacks.on_step_begin(moment, &mut control).unwrap();
            assert!(!control.should_log && control.should_training_stop);
            callbacks.on_step_end(moment, &mut control).unwrap();
            callbacks.on_step_end(moment, &mut control).unwrap();
            assert!(control.should_save);
            let error = callbacks.on_save(moment, &mut control).unwrap_err();
            assert_eq!(error.message(), "callback `Counter`: no room");
            assert!(!control.should_save);
        });
        assert_eq!(*order.lock().unwrap(), ["first", "second", "first", "second"]);
    }

    #[test]
    fn callbacks_get_back_what_they_saved_and_strangers_are_named() {
        let mut callbacks = CallbackList::new();
        callbacks.push(Box::new(Counter { steps: 3, ..Counter::default() }));
        callbacks.push(Box::new(Counter { steps: 5, ..Counter::default() }));
        let saved = callbacks.saved_states(Control::default());
        assert_eq!(saved["Counter"][1]["attributes"]["steps"], 5);
        assert_eq!(saved["TrainerControl"]["args"]["should_save"], false);
        let mut fresh = CallbackList::new();
        fresh.push(Box::new(Counter::default()));
        let notes = fresh.restore(&saved).unwrap();
        assert_eq!(fresh.saved_states(Control::default())["Counter"]["attributes"]["steps"], 3);
        assert!(notes.len() == 1 && notes[0].contains("`Counter`"), "{notes:?}");
    }
}
