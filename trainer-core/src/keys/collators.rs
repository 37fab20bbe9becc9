//! The names that `collator = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The names alone.
pub mod names {
    use super::GivenValue;

    /// Batches of rows that have the same length already.
    ///
    /// For example `Default`.
    pub const Default: GivenValue = GivenValue;

    /// Pads the tokens of a batch to the longest row.
    ///
    /// For example `Padding(pad_to_multiple_of = 8)`.
    pub const Padding: GivenValue = GivenValue;
}

/// The keys of [`Padding`](names::Padding).
#[derive(Clone, Copy, Debug, Default)]
pub struct PaddingKeys {
    /// Makes the length of a batch a multiple of this, but not beyond `max_length`.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none. For example `pad_to_multiple_of = 8`.
    pub pad_to_multiple_of: GivenValue,
    /// The longest row. Texts are cut to it when they are tokenised; a longer row of tokens is an error.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none: the least of the training argument `max_length` and
    /// what model and tokenizer allow. For example `max_length = 128`.
    pub max_length: GivenValue,
    /// Makes every batch as long as this, whatever the longest row is.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: the longest row of each batch. For example
    /// `fixed_length = 128`.
    pub fixed_length: GivenValue,
    /// The token to pad with, on the right.
    ///
    /// Takes a token's number: at least 0. Left out: the tokenizer's; needed where the struct has no `tokenizer`. For
    /// example `pad_id = 0`.
    pub pad_id: GivenValue,
}
