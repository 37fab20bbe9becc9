//! The switches between a run and those who watch it.

use std::ops::BitOrAssign;

use serde_json::{Value, json};

/// What a run does next: set by the intervals and by callbacks, read by the loop.
///
/// Source: `transformers.TrainerControl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "six independent switches, named as Hugging Face names its five")]
pub struct Control {
    /// Stop the run; it stays set until the next run begins.
    pub should_training_stop: bool,
    /// Stop this epoch and begin the next.
    pub should_epoch_stop: bool,
    /// Write a checkpoint at this update.
    pub should_save: bool,
    /// Evaluate at this update.
    pub should_evaluate: bool,
    /// Log at this update.
    pub should_log: bool,
    /// End the run at the next place from which it can go on as if it had not ended, with a checkpoint of that place. A
    /// run that ends anyway pays no heed to it. It is no switch of Hugging Face's.
    pub should_pause: bool,
}

impl Control {
    /// Its name in `stateful_callbacks`.
    pub(super) const NAME: &'static str = "TrainerControl";

    /// In the shape that Hugging Face gives things that are saved with a state.
    pub(super) fn to_json(self) -> Value {
        json!({
            "args": {
                "should_training_stop": self.should_training_stop,
                "should_epoch_stop": self.should_epoch_stop,
                "should_save": self.should_save,
                "should_evaluate": self.should_evaluate,
                "should_log": self.should_log,
            },
            "attributes": {},
        })
    }
}

impl BitOrAssign for Control {
    /// Adds what is due: a switch that is set stays set.
    fn bitor_assign(&mut self, due: Self) {
        self.should_training_stop |= due.should_training_stop;
        self.should_epoch_stop |= due.should_epoch_stop;
        self.should_save |= due.should_save;
        self.should_evaluate |= due.should_evaluate;
        self.should_log |= due.should_log;
        self.should_pause |= due.should_pause;
    }
}
