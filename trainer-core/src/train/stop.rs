//! A request from outside to stop a run: of a signal, another thread, a button.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::callback::{Callback, RunMoment};
use super::control::Control;
use super::state::LogEntry;
use crate::error::Result;

/// Asks a run to stop at the end of its update, or of its evaluation, with a checkpoint from which it can go on as if it had
/// never stopped: [`TrainOutput::paused`](super::TrainOutput::paused).
///
/// A clone asks for the same run: one is a callback of the trainer, another goes to a signal handler or a thread.
#[derive(Clone, Debug, Default)]
pub struct StopRequest {
    is_asked: Arc<AtomicBool>,
}

impl StopRequest {
    /// Nothing is asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn stop(&self) {
        self.is_asked.store(true, Ordering::Release);
    }

    /// Whether the run was asked to stop.
    pub fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Acquire)
    }
}

impl Callback for StopRequest {
    fn on_step_end(&mut self, _moment: &RunMoment<'_>, control: &mut Control) -> Result<()> {
        control.should_pause |= self.is_asked();
        Ok(())
    }

    fn on_evaluate(&mut self, _moment: &RunMoment<'_>, _metrics: &LogEntry, control: &mut Control) -> Result<()> {
        control.should_pause |= self.is_asked();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Plan, PlanSettings, TrainerState};

    #[test]
    fn a_request_is_seen_after_an_update_and_after_an_evaluation() {
        let (plan, state) =
            (Plan::new(PlanSettings { rows: 8, ..PlanSettings::default() }).unwrap(), TrainerState::default());
        let moment = RunMoment::new(&state, &plan, None);
        let outside = StopRequest::new();
        let (mut inside, mut control) = (outside.clone(), Control::default());
        inside.on_step_end(&moment, &mut control).unwrap();
        assert_eq!(control, Control::default());
        outside.stop();
        inside.on_step_end(&moment, &mut control).unwrap();
        assert!(control.should_pause);
        control = Control::default();
        inside.on_evaluate(&moment, &LogEntry::new(), &mut control).unwrap();
        assert!(control.should_pause);
    }
}
