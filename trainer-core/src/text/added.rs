//! Tokens that a vocabulary gets besides its own.
//!
//! What comes in: words that are to be one token each. What goes out: the same tokenizer with ids for them, after the largest
//! it had. A model needs a row of its table for each: `Model::resize_token_embeddings`. It refuses a token of nothing.

use std::sync::Arc;

use serde_json::Value;
use tokenizers::AddedToken;

use super::Tokenizer;
use super::special::SpecialToken;
use crate::error::{Error, ErrorKind, Result};

/// The keys of `tokenizer_config.json` that list special tokens without a role, as versions of transformers call them.
const LISTS: [&str; 2] = ["extra_special_tokens", "additional_special_tokens"];

impl Tokenizer {
    /// Makes each of these one token wherever it stands in a text, also inside of a word; gives how many are new.
    ///
    /// They are found as the tokenizer reads texts: where it makes letters small, in any case. One that the vocabulary has
    /// keeps its id.
    ///
    /// Source: `tokenizer.add_tokens(tokens)`.
    ///
    /// # Errors
    /// A token of nothing.
    pub fn add_tokens<S: AsRef<str>>(&mut self, tokens: &[S]) -> Result<usize> {
        self.add(tokens, false)
    }

    /// As [`add_tokens`](Self::add_tokens), for tokens that are no part of a text: they are found as they are spelled, count
    /// as special, and are left out where a person reads. They stand among [`SpecialTokens::additional`](super::SpecialTokens).
    ///
    /// Source: `tokenizer.add_special_tokens({"additional_special_tokens": tokens})`.
    ///
    /// # Errors
    /// A token of nothing.
    pub fn add_special_tokens<S: AsRef<str>>(&mut self, tokens: &[S]) -> Result<usize> {
        let new = self.add(tokens, true)?;
        let mut listed: Vec<String> = Vec::new();
        for token in tokens.iter().map(AsRef::as_ref) {
            let Some(id) = self.token_to_id(token) else { continue };
            if !self.special_tokens().ids().contains(&id) {
                self.list_special_token(SpecialToken { token: token.to_owned(), id });
                listed.push(token.to_owned());
            }
        }
        let key = LISTS.into_iter().find(|key| self.config.fields.get(*key).is_some_and(Value::is_array));
        let key = key.unwrap_or(LISTS[1]);
        if !listed.is_empty() {
            let list = self.config.fields.entry(key).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.extend(listed.into_iter().map(Value::from));
            }
        }
        Ok(new)
    }

    fn add<S: AsRef<str>>(&mut self, tokens: &[S], special: bool) -> Result<usize> {
        if tokens.iter().any(|token| token.as_ref().is_empty()) {
            return Err(Error::new(ErrorKind::Text, "one of the tokens to add is empty")
                .help("leave it out: a token is at least one character"));
        }
        let before = self.vocabulary_size();
        let tokens: Vec<AddedToken> = tokens.iter().map(|token| AddedToken::from(token.as_ref(), special)).collect();
        let pipeline = Arc::make_mut(&mut self.pipeline);
        let added = if special { pipeline.add_special_tokens(tokens) } else { pipeline.add_tokens(tokens) };
        added.map_err(|source| {
            Error::new(ErrorKind::Text, format!("the tokens cannot be added: {source}")).caused_by(source)
        })?;
        Ok(self.vocabulary_size() - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{ByteLevelBpeSettings, WordPieceSettings};

    fn tokenizer() -> Tokenizer {
        let settings = ByteLevelBpeSettings { vocab_size: 300, ..ByteLevelBpeSettings::default() };
        Tokenizer::train_byte_level_bpe(&["two plus two"], &settings).unwrap()
    }

    #[test]
    fn added_tokens_get_the_next_ids_once_and_are_read_back() {
        let mut tokenizer = tokenizer();
        let first = tokenizer.vocabulary_size();
        let untouched = tokenizer.clone();
        assert_eq!(tokenizer.add_tokens(&["foobar", "plus two", "foobar"]).unwrap(), 2);
        assert_eq!(tokenizer.add_special_tokens(&["<|end|>", "</s>"]).unwrap(), 1);
        assert_eq!(tokenizer.add_tokens(&["foobar"]).unwrap(), 0);
        let ids = ["foobar", "plus two", "<|end|>"].map(|token| tokenizer.token_to_id(token).unwrap() as usize);
        assert_eq!(ids, [first, first + 1, first + 2]);
        assert_eq!(untouched.vocabulary_size(), first);
        let additional: Vec<&str> =
            tokenizer.special_tokens().additional.iter().map(|token| token.token.as_str()).collect();
        assert_eq!(additional, ["<|end|>"]);

        let folder = tempfile::tempdir().unwrap();
        tokenizer.save(folder.path()).unwrap();
        let read = Tokenizer::from_dir(folder.path()).unwrap();
        for text in ["two plus two<|end|>", "afoobarb plus two"] {
            let (ours, theirs) = (tokenizer.encode(text, None).unwrap(), read.encode(text, None).unwrap());
            assert_eq!(ours, theirs);
            assert_eq!(read.decode(&theirs.input_ids).unwrap(), text);
        }
        assert_eq!(read.special_tokens(), tokenizer.special_tokens());
        assert_eq!(read.vocabulary_size(), first + 3);
        let without = read.decode_without_special_tokens(&read.encode("two<|end|>", None).unwrap().input_ids).unwrap();
        assert_eq!(without, "two");
    }

    #[test]
    fn a_plain_token_is_found_as_the_tokenizer_reads_and_a_special_one_as_it_is_spelled() {
        let settings = WordPieceSettings { vocab_size: 60, ..WordPieceSettings::default() };
        let mut tokenizer = Tokenizer::train_wordpiece(&["two plus two"], &settings).unwrap();
        tokenizer.add_tokens(&["Foo"]).unwrap();
        tokenizer.add_special_tokens(&["[BAR]"]).unwrap();
        let foo = tokenizer.token_to_id("Foo").unwrap();
        let bar = tokenizer.token_to_id("[BAR]").unwrap();
        let found = |text: &str| tokenizer.encode_without_special_tokens(text).unwrap().input_ids;
        assert_eq!(found("foo FOO"), [foo, foo]);
        assert_eq!(found("[BAR]"), [bar]);
        assert!(!found("[bar]").contains(&bar));
    }

    #[test]
    fn a_token_of_nothing_is_refused() {
        assert!(tokenizer().add_tokens(&["a", ""]).unwrap_err().message().contains("is empty"));
    }
}
