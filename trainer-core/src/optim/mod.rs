//! Optimisers, clipping and schedules, on one clock: the update.
//!
//! In come the parameters, their gradients (summed over the whole accumulation window) and the learning rate of this
//! update; the parameters are changed in place. A [`Schedule`] is a pure function of the updates completed, a
//! [`Plateau`] remembers evaluations; clipping is a factor that [`Optimizer::step`] folds into the gradients. Refused:
//! numbers with which no update can be computed, and optimiser state that does not fit the parameters, by name.

mod adafactor;
mod adamw;
mod choice;
mod clipping;
mod lion;
mod per_parameter;
mod plateau;
mod schedule;
mod sgd;

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::Result;
use crate::tensor::gradients::Gradients;
use crate::tensor::params::Parameter;

pub use crate::tensor::decay::decays;
pub use adafactor::{AdafactorRate, AdafactorSettings};
pub use adamw::{AdamW, AdamWSettings};
pub use choice::{KeptNumbers, OptimizerChoice, Sgd, adafactor, adamw, boxed, chosen, lion, sgd};
pub use clipping::{clip_factor, first_not_finite, global_norm};
pub use lion::LionSettings;
pub use plateau::{Goal, Greedy, Plateau, PlateauRule, PlateauState, ReduceOnPlateau, ThresholdMode};
pub use schedule::{Curve, Minimum, Schedule, ScheduleKind, warmup_steps};
pub use sgd::SgdSettings;

/// Changes parameters by their gradients, once per update.
pub trait Optimizer: Send {
    /// Makes one update.
    ///
    /// * `parameters`: all parameters of the model; frozen ones are left alone.
    /// * `gradients`: by name; a parameter without one is left as it is and its own count of updates does not advance.
    /// * `scale`: what every gradient is multiplied by (clipping and normalisation).
    /// * `learning_rate`: of this update.
    ///
    /// # Errors
    /// A gradient of another shape than its parameter or of no parameter; a scale or learning rate that is not finite.
    /// No parameter has changed then.
    fn step(&mut self, parameters: &[Parameter], gradients: &Gradients, scale: f32, learning_rate: f64) -> Result<()>;

    /// What a checkpoint must hold to go on as if the run had never stopped, ordered by parameter.
    fn state(&self) -> Result<Vec<(String, Tensor)>>;

    /// Takes over the state of a checkpoint, of `parameters` after `updates` completed updates.
    ///
    /// # Errors
    /// A tensor that is missing, has another shape than its parameter, or belongs to no trained parameter, by name; the
    /// optimiser is as before then.
    fn load_state(&mut self, parameters: &[Parameter], state: BTreeMap<String, Tensor>, updates: usize) -> Result<()>;
}
