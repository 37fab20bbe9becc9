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

    /// Pads the tokens of a batch to the longest row, and the class of each with them.
    ///
    /// For example `TokenClassification`.
    pub const TokenClassification: GivenValue = GivenValue;

    /// Pads sources and targets, and gives the decoder what stands before each token that it writes.
    ///
    /// For example `Seq2Seq`.
    pub const Seq2Seq: GivenValue = GivenValue;

    /// Hides tokens at random, which the model has to find; others in every epoch.
    ///
    /// For example `MaskedLm(probability = 0.15)`.
    pub const MaskedLm: GivenValue = GivenValue;

    /// Pads the tokens of a batch; the model has to find the next at each. Of a conversation every token is learned.
    ///
    /// For example `CausalLm`.
    pub const CausalLm: GivenValue = GivenValue;

    /// As `CausalLm`, where answers alone are learned: completions, and the turns of the assistant.
    ///
    /// For example `CompletionOnly`.
    pub const CompletionOnly: GivenValue = GivenValue;

    /// The rows of a batch one after another in one, without padding and without seeing each other; the model has to
    /// find the next token.
    ///
    /// For example `Flattening`.
    pub const Flattening: GivenValue = GivenValue;

    /// Short rows of a batch together in rows of at most so many tokens, without seeing each other; the model has to
    /// find the next token.
    ///
    /// For example `Packing(max_length = 512)`.
    pub const Packing: GivenValue = GivenValue;
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

/// The keys of [`TokenClassification`](names::TokenClassification).
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenClassificationKeys {
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

/// The keys of [`Seq2Seq`](names::Seq2Seq).
#[derive(Clone, Copy, Debug, Default)]
pub struct Seq2SeqKeys {
    /// Makes the length of a batch a multiple of this, but not beyond `max_length`.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none. For example `pad_to_multiple_of = 8`.
    pub pad_to_multiple_of: GivenValue,
    /// The longest row. Texts are cut to it when they are tokenised; a longer row of tokens is an error.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none: the least of the training argument `max_length` and
    /// what model and tokenizer allow. For example `max_length = 128`.
    pub max_length: GivenValue,
    /// The longest target. Texts to write are cut to it when they are tokenised; a longer target of tokens is an error.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none: that of what is read. For example
    /// `max_target_length = 64`.
    pub max_target_length: GivenValue,
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

/// The keys of [`MaskedLm`](names::MaskedLm).
#[derive(Clone, Copy, Debug, Default)]
pub struct MaskedLmKeys {
    /// How likely a token is chosen, for the model to find what it was.
    ///
    /// Takes a number: above 0, up to 1. Left out: `0.15`. For example `probability = 0.15`.
    pub probability: GivenValue,
    /// The share of the chosen tokens that the mask token stands for.
    ///
    /// Takes a number: from 0 to 1, with `random` no more than 1. Left out: `0.8`. For example `mask = 0.8`.
    pub mask: GivenValue,
    /// The share of the chosen tokens that a random token stands for. What is left stays as it is.
    ///
    /// Takes a number: from 0 to 1, with `mask` no more than 1. Left out: `0.1`. For example `random = 0.1`.
    pub random: GivenValue,
    /// Chooses words with all of their tokens, each of which the mask token stands for.
    ///
    /// Written without a value. Left out: no. For example `whole_word`.
    pub whole_word: GivenValue,
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

/// The keys of [`CausalLm`](names::CausalLm).
#[derive(Clone, Copy, Debug, Default)]
pub struct CausalLmKeys {
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

/// The keys of [`CompletionOnly`](names::CompletionOnly).
#[derive(Clone, Copy, Debug, Default)]
pub struct CompletionOnlyKeys {
    /// What stands in front of an answer, in a text that was put together by hand: what follows the last one is
    /// learned.
    ///
    /// Takes a text in quotes: at least one character. Left out: none: the answers of `prompt` and `completion`, or of
    /// `messages`. For example `response_template = "### Response:\n"`.
    pub response_template: GivenValue,
    /// Where an answer ends: every answer is learned, not only the last.
    ///
    /// Takes a text in quotes: at least one character; with `response_template`. Left out: none. For example
    /// `instruction_template = "### Human:"`.
    pub instruction_template: GivenValue,
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

/// The keys of [`Flattening`](names::Flattening).
#[derive(Clone, Copy, Debug, Default)]
pub struct FlatteningKeys {
    /// Learns answers alone, of `prompt` and `completion` or of `messages`; with `= false` all of the text.
    ///
    /// Written without a value. Left out: yes for `prompt` and `completion`, no for `messages`. For example
    /// `completion_only`.
    pub completion_only: GivenValue,
    /// Makes the length of a batch a multiple of this, but not beyond `max_length`.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none. For example `pad_to_multiple_of = 8`.
    pub pad_to_multiple_of: GivenValue,
    /// The longest row. Texts are cut to it when they are tokenised; a longer row of tokens is an error.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none: the least of the training argument `max_length` and
    /// what model and tokenizer allow. For example `max_length = 128`.
    pub max_length: GivenValue,
    /// The token to pad with, on the right.
    ///
    /// Takes a token's number: at least 0. Left out: the tokenizer's; needed where the struct has no `tokenizer`. For
    /// example `pad_id = 0`.
    pub pad_id: GivenValue,
}

/// The keys of [`Packing`](names::Packing).
#[derive(Clone, Copy, Debug, Default)]
pub struct PackingKeys {
    /// The longest row, of one text or several; also without the name, as the first value. Texts are cut to it when
    /// they are tokenised.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none: it must be given. For example `max_length = 512`.
    pub max_length: GivenValue,
    /// Learns answers alone, of `prompt` and `completion` or of `messages`; with `= false` all of the text.
    ///
    /// Written without a value. Left out: yes for `prompt` and `completion`, no for `messages`. For example
    /// `completion_only`.
    pub completion_only: GivenValue,
    /// Makes the length of a batch a multiple of this, but not beyond `max_length`.
    ///
    /// Takes a whole number of tokens: at least 1. Left out: none. For example `pad_to_multiple_of = 8`.
    pub pad_to_multiple_of: GivenValue,
    /// The token to pad with, on the right.
    ///
    /// Takes a token's number: at least 0. Left out: the tokenizer's; needed where the struct has no `tokenizer`. For
    /// example `pad_id = 0`.
    pub pad_id: GivenValue,
}
