//! The names that `loss = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The names alone.
pub mod names {
    use super::GivenValue;

    /// Cross-entropy, for one class of several, or one token.
    ///
    /// For example `ce(label_smoothing = 0.1)`.
    pub const ce: GivenValue = GivenValue;

    /// Cross-entropy with a weight for each class.
    ///
    /// For example `weighted_ce([1.0, 2.0])`.
    pub const weighted_ce: GivenValue = GivenValue;

    /// Cross-entropy in which what the model is sure of already counts little, for one class or several at once.
    ///
    /// For example `focal(gamma = 2.0)`.
    pub const focal: GivenValue = GivenValue;

    /// Binary cross-entropy, for any number of classes at once.
    ///
    /// For example `bce`.
    pub const bce: GivenValue = GivenValue;

    /// Binary cross-entropy in which each class counts so much where it is there.
    ///
    /// For example `weighted_bce([1.0, 5.0])`.
    pub const weighted_bce: GivenValue = GivenValue;

    /// The mean squared error, for numbers.
    ///
    /// For example `mse`.
    pub const mse: GivenValue = GivenValue;

    /// The mean absolute error, for numbers.
    ///
    /// For example `mae`.
    pub const mae: GivenValue = GivenValue;

    /// The squared error where it is small, the absolute error where it is large, for numbers.
    ///
    /// For example `huber(delta = 1.0)`.
    pub const huber: GivenValue = GivenValue;
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

/// The keys of [`focal`](names::focal).
#[derive(Clone, Copy, Debug, Default)]
pub struct FocalKeys {
    /// How much less counts what the model is sure of; 0 is cross-entropy.
    ///
    /// Takes a number: at least 0. Left out: `2.0`. For example `gamma = 2.0`.
    pub gamma: GivenValue,
    /// How much each class counts, in their order. Where a row can have several classes, a class that is there counts
    /// its `alpha`, and one that is not `1 - alpha`.
    ///
    /// Takes a list of numbers, or a constant: one for each class, none below 0, not all 0; up to 1 where a row can
    /// have several classes. Left out: all classes alike. For example `alpha = [0.25, 1.0]`.
    pub alpha: GivenValue,
}

/// The keys of [`weighted_bce`](names::weighted_bce).
#[derive(Clone, Copy, Debug, Default)]
pub struct WeightedBceKeys {
    /// How much a row of each class counts, in the order of the classes; also without the name, as the first value.
    ///
    /// Takes a list of numbers, or a constant: one for each class, none below 0, not all 0. Left out: none: they must
    /// be given. For example `weights = [1.0, 2.0]`.
    pub weights: GivenValue,
}

/// The keys of [`huber`](names::huber).
#[derive(Clone, Copy, Debug, Default)]
pub struct HuberKeys {
    /// The distance up to which the error is squared; beyond it the loss grows with the distance.
    ///
    /// Takes a number: above 0. Left out: `1.0`. For example `delta = 1.0`.
    pub delta: GivenValue,
}
