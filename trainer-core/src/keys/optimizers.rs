//! The names that `optimizer = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The names alone.
pub mod names {
    use super::GivenValue;

    /// Adam with decoupled weight decay: `learning_rate`, `weight_decay`, `adam_beta1`, `adam_beta2` and `adam_epsilon`
    /// are training arguments.
    ///
    /// For example `adamw`.
    pub const adamw: GivenValue = GivenValue;

    /// Gradient descent; `learning_rate` and `weight_decay` are training arguments.
    ///
    /// For example `sgd(momentum = 0.9, nesterov)`.
    pub const sgd: GivenValue = GivenValue;

    /// An update like Adam's that keeps a number for each row and column of a matrix instead of two for each element;
    /// `learning_rate` and `weight_decay` are training arguments.
    ///
    /// For example `adafactor`.
    pub const adafactor: GivenValue = GivenValue;

    /// Steps of the learning rate in the direction of a mean of gradients, with half the memory of `adamw`:
    /// `learning_rate`, `weight_decay`, `adam_beta1` and `adam_beta2` are training arguments.
    ///
    /// For example `lion`.
    pub const lion: GivenValue = GivenValue;
}

/// The keys of [`sgd`](names::sgd).
#[derive(Clone, Copy, Debug, Default)]
pub struct SgdKeys {
    /// How much of the change before stays in each update.
    ///
    /// Takes a number: at least 0 and below 1. Left out: 0.0: no momentum. For example `momentum = 0.9`.
    pub momentum: GivenValue,
    /// How much less of the gradient enters the momentum.
    ///
    /// Takes a number: from 0 to 1; 0 with `nesterov`. Left out: `0.0`. For example `dampening = 0.1`.
    pub dampening: GivenValue,
    /// Looks one step of momentum ahead.
    ///
    /// Written without a value. Left out: no. For example `nesterov`.
    pub nesterov: GivenValue,
}
