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
}
