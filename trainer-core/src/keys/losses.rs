//! The names that `loss = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The names alone.
pub mod names {
    use super::GivenValue;

    /// Cross-entropy, for one class of several.
    ///
    /// For example `ce(label_smoothing = 0.1)`.
    pub const ce: GivenValue = GivenValue;

    /// Cross-entropy with a weight for each class.
    ///
    /// For example `weighted_ce([1.0, 2.0])`.
    pub const weighted_ce: GivenValue = GivenValue;

    /// Binary cross-entropy, for any number of classes at once.
    ///
    /// For example `bce`.
    pub const bce: GivenValue = GivenValue;

    /// The mean squared error, for numbers.
    ///
    /// For example `mse`.
    pub const mse: GivenValue = GivenValue;
}

/// The keys of [`ce`](names::ce).
#[derive(Clone, Copy, Debug, Default)]
pub struct CeKeys {
    /// Share of the target's probability that is spread over all classes.
    ///
    /// Takes a number: at least 0 and below 1. Left out: the training argument `label_smoothing_factor`. For example
    /// `label_smoothing = 0.1`.
    pub label_smoothing: GivenValue,
    /// A class whose rows do not count, beside those with the label -100.
    ///
    /// Takes a class's number. Left out: none. For example `ignore_index = 0`.
    pub ignore_index: GivenValue,
}

/// The keys of [`weighted_ce`](names::weighted_ce).
#[derive(Clone, Copy, Debug, Default)]
pub struct WeightedCeKeys {
    /// How much a row of each class counts, in the order of the classes; also without the name, as the first value.
    ///
    /// Takes a list of numbers, or a constant: one for each class, none below 0, not all 0. Left out: none: they must
    /// be given. For example `weights = [1.0, 2.0]`.
    pub weights: GivenValue,
    /// Share of the target's probability that is spread over all classes.
    ///
    /// Takes a number: at least 0 and below 1. Left out: the training argument `label_smoothing_factor`. For example
    /// `label_smoothing = 0.1`.
    pub label_smoothing: GivenValue,
    /// A class whose rows do not count, beside those with the label -100.
    ///
    /// Takes a class's number. Left out: none. For example `ignore_index = 0`.
    pub ignore_index: GivenValue,
}
