//! What the tables over a vocabulary are called, in all families.

/// Tables of words: what names end in.
const OF_WORDS: &[&str] = &["embeddings.word_embeddings.weight", "wte.weight", "embed_tokens.weight", "shared.weight"];

/// Tables and biases of heads over the vocabulary.
const OF_HEADS: &[&str] = &[
    "lm_head.weight",
    "lm_head.bias",
    "lm_head.decoder.weight",
    "lm_head.decoder.bias",
    "cls.predictions.bias",
    "cls.predictions.decoder.weight",
    "cls.predictions.decoder.bias",
    "vocab_projector.weight",
    "vocab_projector.bias",
    "generator_lm_head.weight",
    "generator_lm_head.bias",
    "final_logits_bias",
];

/// Whether a parameter is a table of words.
pub(super) fn is_table_of_words(name: &str) -> bool {
    ends_in_one_of(OF_WORDS, name)
}

/// Whether a parameter has a row, or a number, for each id of the vocabulary.
pub(super) fn is_table(name: &str) -> bool {
    is_table_of_words(name) || ends_in_one_of(OF_HEADS, name)
}

fn ends_in_one_of(tables: &[&str], name: &str) -> bool {
    tables.iter().any(|table| name.strip_suffix(table).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}
