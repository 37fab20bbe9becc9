//! Lion: every element moves by the learning rate, in the direction of a mean of gradients.
//!
//! In come parameters and gradients of one update; the parameters are changed in place. One number is kept for each that is
//! trained.

use candle_core::Shape;
use rayon::prelude::*;

use super::Optimizer;
use super::per_parameter::{PerParameter, Rule, Update};
use crate::tensor::kernels::Real;
use crate::tensor::kernels::optimizer::PIECE;
use crate::{Error, ErrorKind, Result};

/// The settings of Lion; the default is Hugging Face's, whose betas are those of Adam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LionSettings {
    /// How much of the mean of the gradients is in the direction of an update, 0 to below 1.
    pub beta1: f64,
    /// How much of the mean stays in each update, 0 to below 1.
    pub beta2: f64,
    /// Share of a parameter that each update takes away, times the learning rate; only where the parameter decays.
    pub weight_decay: f64,
}

impl Default for LionSettings {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, weight_decay: 0.0 }
    }
}

/// Lion.
///
/// Source: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"; `lion_pytorch.Lion`.
#[derive(Debug)]
struct Lion(LionSettings);

impl LionSettings {
    /// An optimiser that has not seen a gradient yet.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a setting with which an update is not defined, with its name.
    pub fn optimizer(self) -> Result<Box<dyn Optimizer>> {
        for (name, beta) in [("adam_beta1", self.beta1), ("adam_beta2", self.beta2)] {
            if !(0.0..1.0).contains(&beta) {
                return Err(Error::new(ErrorKind::Arguments, format!("`{name}` is {beta}, which `lion` takes too"))
                    .help(format!("write a `{name}` of at least 0 and below 1")));
            }
        }
        Ok(Box::new(PerParameter::new(Lion(self), self.weight_decay)?))
    }
}

impl Rule for Lion {
    fn kept(&self, shape: &Shape) -> Vec<(&'static str, Shape)> {
        vec![("exp_avg", shape.clone())]
    }

    fn update<T: Real>(&self, parameter: &mut [T], kept: &mut [Vec<T>], gradient: &[T], update: &Update<'_>) {
        let Some(mean) = kept.first_mut() else { return };
        let (scale, rate) = (T::of(update.scale), -T::of(update.learning_rate));
        let decay = T::of(1.0 - update.learning_rate * update.weight_decay);
        let (of_mean, of_gradient) = (T::of(self.0.beta1), T::of(1.0 - self.0.beta1));
        let (keep, enters) = (T::of(self.0.beta2), T::of(1.0 - self.0.beta2));
        let pieces = parameter.par_chunks_mut(PIECE).zip(mean.par_chunks_mut(PIECE)).zip(gradient.par_chunks(PIECE));
        pieces.for_each(|((parameter, mean), gradient)| {
            for ((p, m), g) in parameter.iter_mut().zip(mean).zip(gradient) {
                let g = *g * scale;
                *p = *p * decay + rate * sign(*m * of_mean + of_gradient * g);
                *m = *m * keep + enters * g;
            }
        });
    }
}

/// -1, 0 or 1; 0 for either zero.
fn sign<T: Real>(value: T) -> T {
    if value > T::zero() {
        T::one()
    } else if value < T::zero() {
        -T::one()
    } else {
        value * T::zero()
    }
}
