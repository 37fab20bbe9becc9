//! A request from outside to stop a run: of a signal, another thread, a button.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::callback::{Callback, RunMoment};
use super::control::Control;
use crate::error::Result;

/// Asks a run to stop at the end of its update, with a checkpoint.
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
        if self.is_asked() {
            control.should_save = true;
            control.should_training_stop = true;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Plan, PlanSettings, TrainerState};

    #[test]
    fn a_request_stops_the_run_with_a_checkpoint() {
        let (plan, state) =
            (Plan::new(PlanSettings { rows: 8, ..PlanSettings::default() }).unwrap(), TrainerState::default());
        let moment = RunMoment::new(&state, &plan, None);
        let outside = StopRequest::new();
        let (mut inside, mut control) = (outside.clone(), Control::default());
        inside.on_step_end(&moment, &mut control).unwrap();
        assert_eq!(control, Control::default());
        outside.stop();
        inside.on_step_end(&moment, &mut control).unwrap();
        assert!(control.should_save && control.should_training_stop);
    }
}
