//! Gradient descent, with and without momentum.
//!
//! In come parameters and gradients of one update; the parameters are changed in place. With momentum one number is kept for
//! each that is trained, without it nothing.

use candle_core::Shape;
use rayon::prelude::*;

use super::Optimizer;
use super::per_parameter::{PerParameter, Rule, Update};
use crate::tensor::kernels::Real;
use crate::tensor::kernels::optimizer::PIECE;
use crate::{Error, ErrorKind, Result};

/// The settings of gradient descent; the default is plain descent without weight decay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SgdSettings {
    /// How much of the change before stays in each update, 0 to below 1; 0 turns momentum off.
    pub momentum: f64,
    /// How much less of the gradient enters the momentum, 0 to 1; 0 with `nesterov`.
    pub dampening: f64,
    /// Whether an update looks one step of momentum ahead.
    pub nesterov: bool,
    /// Share of a parameter that is added to its gradient; only where the parameter decays.
    pub weight_decay: f64,
}

/// Gradient descent.
///
/// Source: `torch.optim.SGD` without `maximize`.
#[derive(Debug)]
struct Descent(SgdSettings);

impl SgdSettings {
    /// An optimiser that has not seen a gradient yet.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a setting with which an update is not defined, with its name.
    pub fn optimizer(self) -> Result<Box<dyn Optimizer>> {
        let Self { momentum, dampening, nesterov, weight_decay } = self;
        if !(0.0..1.0).contains(&momentum) {
            return Err(Error::new(ErrorKind::Arguments, format!("the `momentum` of `sgd` is {momentum}"))
                .help("write a `momentum` of at least 0 and below 1"));
        }
        if !(0.0..=1.0).contains(&dampening) {
            return Err(Error::new(ErrorKind::Arguments, format!("the `dampening` of `sgd` is {dampening}"))
                .help("write a `dampening` from 0 to 1"));
        }
        if nesterov && (momentum == 0.0 || dampening != 0.0) {
            return Err(Error::new(ErrorKind::Arguments, "`nesterov` looks ahead by the momentum, without dampening")
                .help("`sgd(momentum = 0.9, nesterov)`"));
        }
        Ok(Box::new(PerParameter::new(Descent(self), weight_decay)?))
    }
}

impl Rule for Descent {
    fn kept(&self, shape: &Shape) -> Vec<(&'static str, Shape)> {
        if self.0.momentum == 0.0 { Vec::new() } else { vec![("momentum_buffer", shape.clone())] }
    }

    fn update<T: Real>(&self, parameter: &mut [T], kept: &mut [Vec<T>], gradient: &[T], update: &Update<'_>) {
        let (scale, rate) = (T::of(update.scale), -T::of(update.learning_rate));
        let decay = T::of(update.weight_decay);
        let decayed = |p: T, g: T| if decay == T::zero() { g * scale } else { g * scale + decay * p };
        let Some(buffer) = kept.first_mut() else {
            return parameter.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE)).for_each(
                |(parameter, gradient)| {
                    for (p, g) in parameter.iter_mut().zip(gradient) {
                        *p = *p + rate * decayed(*p, *g);
                    }
                },
            );
        };
        let momentum = T::of(self.0.momentum);
        // The first gradient is the momentum itself.
        let (keep, enters) =
            if update.step == 1 { (T::zero(), T::one()) } else { (momentum, T::of(1.0 - self.0.dampening)) };
        let pieces = parameter.par_chunks_mut(PIECE).zip(buffer.par_chunks_mut(PIECE)).zip(gradient.par_chunks(PIECE));
        pieces.for_each(|((parameter, buffer), gradient)| {
            for ((p, m), g) in parameter.iter_mut().zip(buffer).zip(gradient) {
                let g = decayed(*p, *g);
                *m = *m * keep + enters * g;
                *p += rate * if self.0.nesterov { g + momentum * *m } else { *m };
            }
        });
    }
}
