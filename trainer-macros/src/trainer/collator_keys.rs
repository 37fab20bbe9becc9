//! The collators of `#[trainer(collator = …)]`, and what stands between their parentheses.

use super::keys::Word;
use crate::keys::Key;

const PAD_TO_MULTIPLE_OF: Key = Key {
    name: "pad_to_multiple_of",
    example: "pad_to_multiple_of = 8",
    about: "Makes the length of a batch a multiple of this, but not beyond `max_length`.",
    takes: "a whole number of tokens",
    range: "at least 1",
    default: "none",
};

const LONGEST: Key = Key {
    name: "max_length",
    example: "max_length = 128",
    about: "The longest row. Texts are cut to it when they are tokenised; a longer row of tokens is an error.",
    takes: "a whole number of tokens",
    range: "at least 1",
    default: "none: the least of the training argument `max_length` and what model and tokenizer allow",
};

const LONGEST_TARGET: Key = Key {
    name: "max_target_length",
    example: "max_target_length = 64",
    about: "The longest target. Texts to write are cut to it when they are tokenised; a longer target of tokens is an error.",
    takes: "a whole number of tokens",
    range: "at least 1",
    default: "none: that of what is read",
};

const FIXED_LENGTH: Key = Key {
    name: "fixed_length",
    example: "fixed_length = 128",
    about: "Makes every batch as long as this, whatever the longest row is.",
    takes: "a whole number of tokens",
    range: "at least 1",
    default: "the longest row of each batch",
};

const PAD_ID: Key = Key {
    name: "pad_id",
    example: "pad_id = 0",
    about: "The token to pad with, on the right.",
    takes: "a token's number",
    range: "at least 0",
    default: "the tokenizer's; needed where the struct has no `tokenizer`",
};

const PROBABILITY: Key = Key {
    name: "probability",
    example: "probability = 0.15",
    about: "How likely a token is chosen, for the model to find what it was.",
    takes: "a number",
    range: "above 0, up to 1",
    default: "0.15",
};

const MASK: Key = Key {
    name: "mask",
    example: "mask = 0.8",
    about: "The share of the chosen tokens that the mask token stands for.",
    takes: "a number",
    range: "from 0 to 1, with `random` no more than 1",
    default: "0.8",
};

const RANDOM: Key = Key {
    name: "random",
    example: "random = 0.1",
    about: "The share of the chosen tokens that a random token stands for. What is left stays as it is.",
    takes: "a number",
    range: "from 0 to 1, with `mask` no more than 1",
    default: "0.1",
};

const WHOLE_WORD: Key = Key {
    name: "whole_word",
    example: "whole_word",
    about: "Chooses words with all of their tokens, each of which the mask token stands for.",
    takes: "",
    range: "",
    default: "no",
};

const RESPONSE_TEMPLATE: Key = Key {
    name: "response_template",
    example: "response_template = \"### Response:\\n\"",
    about: "What stands in front of an answer, in a text that was put together by hand: what follows the last one is learned.",
    takes: "a text in quotes",
    range: "at least one character",
    default: "none: the answers of `prompt` and `completion`, or of `messages`",
};

const INSTRUCTION_TEMPLATE: Key = Key {
    name: "instruction_template",
    example: "instruction_template = \"### Human:\"",
    about: "Where an answer ends: every answer is learned, not only the last.",
    takes: "a text in quotes",
    range: "at least one character; with `response_template`",
    default: "none",
};

const COMPLETION_ONLY: Key = Key {
    name: "completion_only",
    example: "completion_only",
    about: "Learns answers alone, of `prompt` and `completion` or of `messages`; with `= false` all of the text.",
    takes: "",
    range: "",
    default: "yes for `prompt` and `completion`, no for `messages`",
};

pub(crate) const ROW_LENGTH: Key = Key {
    name: "max_length",
    example: "max_length = 512",
    about: "The longest row, of one text or several; also without the name, as the first value. Texts are cut to it when they are \
            tokenised.",
    takes: "a whole number of tokens",
    range: "at least 1",
    default: "none: it must be given",
};

const PADDING: &[Key] = &[PAD_TO_MULTIPLE_OF, LONGEST, FIXED_LENGTH, PAD_ID];

const SEQ2SEQ: &[Key] = &[PAD_TO_MULTIPLE_OF, LONGEST, LONGEST_TARGET, FIXED_LENGTH, PAD_ID];

const MASKED_LM: &[Key] = &[PROBABILITY, MASK, RANDOM, WHOLE_WORD, PAD_TO_MULTIPLE_OF, LONGEST, FIXED_LENGTH, PAD_ID];

const ANSWERS: &[Key] = &[RESPONSE_TEMPLATE, INSTRUCTION_TEMPLATE, PAD_TO_MULTIPLE_OF, LONGEST, FIXED_LENGTH, PAD_ID];

const FLATTENING: &[Key] = &[COMPLETION_ONLY, PAD_TO_MULTIPLE_OF, LONGEST, PAD_ID];

const PACKING: &[Key] = &[COMPLETION_ONLY, PAD_TO_MULTIPLE_OF, PAD_ID];

pub(crate) const COLLATORS: &[Word] = &[
    Word {
        name: "Default",
        example: "Default",
        about: "Batches of rows that have the same length already.",
        first: None,
        keys: &[],
    },
    Word {
        name: "Padding",
        example: "Padding(pad_to_multiple_of = 8)",
        about: "Pads the tokens of a batch to the longest row.",
        first: None,
        keys: PADDING,
    },
    Word {
        name: "TokenClassification",
        example: "TokenClassification",
        about: "Pads the tokens of a batch to the longest row, and the class of each with them.",
        first: None,
        keys: PADDING,
    },
    Word {
        name: "Seq2Seq",
        example: "Seq2Seq",
        about: "Pads sources and targets, and gives the decoder what stands before each token that it writes.",
        first: None,
        keys: SEQ2SEQ,
    },
    Word {
        name: "MaskedLm",
        example: "MaskedLm(probability = 0.15)",
        about: "Hides tokens at random, which the model has to find; others in every epoch.",
        first: None,
        keys: MASKED_LM,
    },
    Word {
        name: "CausalLm",
        example: "CausalLm",
        about: "Pads the tokens of a batch; the model has to find the next at each. Of a conversation every token is learned.",
        first: None,
        keys: PADDING,
    },
    Word {
        name: "CompletionOnly",
        example: "CompletionOnly",
        about: "As `CausalLm`, where answers alone are learned: completions, and the turns of the assistant.",
        first: None,
        keys: ANSWERS,
    },
    Word {
        name: "Flattening",
        example: "Flattening",
        about: "The rows of a batch one after another in one, without padding and without seeing each other; the model has to find \
                the next token.",
        first: None,
        keys: FLATTENING,
    },
    Word {
        name: "Packing",
        example: "Packing(max_length = 512)",
        about: "Short rows of a batch together in rows of at most so many tokens, without seeing each other; the model has to find \
                the next token.",
        first: Some(ROW_LENGTH),
        keys: PACKING,
    },
];
