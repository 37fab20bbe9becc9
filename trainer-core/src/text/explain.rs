//! What a tokenizer does to a text, step by step, for people who want to see it.

use std::fmt;

use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString};

use super::encode::{cannot_encode, from_crate};
use super::table::{TableRow, filled, on_one_line, write_table};
use super::{Encoding, PaddingSettings, Tokenizer, padding};
use crate::error::Result;

/// Padding goes to a multiple of this, as for a batch.
const MULTIPLE: usize = 8;

/// How wide the labels are.
const LABEL: usize = 14;

/// The steps from a text, or a pair of texts, to what a model reads. Printed with `{}`, they are a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The steps before the texts are put together: one entry, or two for a pair.
    pub texts: Vec<ExplainedText>,
    /// The result: with special tokens, not padded.
    pub encoding: Encoding,
    /// The result padded to the next multiple of 8, so that padding is seen; without padding token as `encoding`.
    pub padded: Encoding,
    /// The tokens of `padded`.
    pub tokens: Vec<String>,
    /// The part of the text that each token of `padded` stands for; empty for special tokens and padding.
    pub parts: Vec<String>,
    /// What it was padded with; `None` when the tokenizer has no padding token.
    pub padding: Option<PaddingSettings>,
    /// How many tokens are unknown to the vocabulary.
    pub unknown_tokens: usize,
}

/// The steps for one text, before special tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExplainedText {
    /// The text as it was given.
    pub text: String,
    /// The text as it is looked up: in small letters, without accents, as the tokenizer's normaliser does.
    pub normalised: String,
    /// The words that it is split into.
    pub words: Vec<String>,
    /// The pieces of the words that are in the vocabulary.
    pub tokens: Vec<String>,
    /// Their ids.
    pub ids: Vec<u32>,
}

impl Tokenizer {
    /// The steps from `text` to what a model reads: normalised, split into words, looked up, with special tokens, padded.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn explain(&self, text: &str) -> Result<Explanation> {
        self.explain_all(text, None)
    }

    /// The steps from a pair of texts to what a model reads.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn explain_pair(&self, text: &str, pair: &str) -> Result<Explanation> {
        self.explain_all(text, Some(pair))
    }

    fn explain_all(&self, text: &str, pair: Option<&str>) -> Result<Explanation> {
        let first = self.look_up_text(text, 0, None, None).map_err(cannot_encode)?;
        let second = pair.map(|pair| self.look_up_text(pair, 1, None, None)).transpose().map_err(cannot_encode)?;
        let mut texts = vec![self.explain_text(text, &first)?];
        if let (Some(pair), Some(second)) = (pair, &second) {
            texts.push(self.explain_text(pair, second)?);
        }
        let whole = self.put_together(first, second, true)?;
        let encoding = from_crate(&whole);

        let padding = self.padding().ok();
        let mut padded = encoding.clone();
        let mut tokens = whole.get_tokens().to_vec();
        let mut parts: Vec<String> =
            whole.get_sequence_ids().into_iter().zip(&encoding.offsets).map(|(n, &at)| part(&texts, n, at)).collect();
        if let Some(settings) = &padding {
            let length = (encoding.len() + 1).next_multiple_of(MULTIPLE);
            let missing = length - encoding.len();
            padding::pad(&mut padded, length, settings);
            padding::fill(&mut tokens, missing, settings.token.clone(), settings.side);
            padding::fill(&mut parts, missing, String::new(), settings.side);
        }
        let unknown_tokens = self.unknown_tokens(&encoding);
        Ok(Explanation { texts, encoding, padded, tokens, parts, padding, unknown_tokens })
    }

    fn explain_text(&self, text: &str, encoding: &tokenizers::Encoding) -> Result<ExplainedText> {
        let normalised = splits(&self.normalise(text)).concat();
        let words = splits(&self.split_into_words(text).map_err(cannot_encode)?);
        Ok(ExplainedText {
            text: text.to_owned(),
            normalised,
            words,
            tokens: encoding.get_tokens().to_vec(),
            ids: encoding.get_ids().to_vec(),
        })
    }
}

fn splits(text: &PreTokenizedString) -> Vec<String> {
    let splits = text.get_splits(OffsetReferential::Normalized, OffsetType::Byte);
    splits.into_iter().map(|(split, _, _)| split.to_owned()).collect()
}

/// The characters from `at.0` to `at.1` of the text that a token belongs to; nothing for special tokens.
fn part(texts: &[ExplainedText], number: Option<usize>, at: (usize, usize)) -> String {
    let text = number.and_then(|number| texts.get(number));
    text.map_or_else(String::new, |text| text.text.chars().take(at.1).skip(at.0).collect())
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, text) in self.texts.iter().enumerate() {
            let line = |label: &str, text: &str| format!("{}  {}\n", filled(label, LABEL), on_one_line(text));
            f.write_str(&line(if n == 0 { "text" } else { "second text" }, &text.text))?;
            f.write_str(&line("normalised", &text.normalised))?;
            f.write_str(&line("words", &text.words.join(" | ")))?;
            let rows = [row("tokens", &text.tokens), row("ids", &text.ids)];
            write_table(f, &rows, LABEL)?;
            f.write_str("\n")?;
        }
        match &self.padding {
            Some(settings) => writeln!(
                f,
                "with special tokens: {} tokens, padded with `{}` to {}",
                self.encoding.len(),
                settings.token,
                self.padded.len()
            )?,
            None => writeln!(f, "with special tokens: {} tokens; there is no padding token", self.encoding.len())?,
        }
        let rows = [
            row("tokens", &self.tokens),
            row("stand for", &self.parts),
            row("input_ids", &self.padded.input_ids),
            row("token_type_ids", &self.padded.token_type_ids),
            row("attention_mask", &self.padded.attention_mask),
        ];
        write_table(f, &rows, LABEL)?;
        match self.unknown_tokens {
            0 => Ok(()),
            1 => writeln!(f, "\n1 token stands for a word that the vocabulary does not have"),
            n => writeln!(f, "\n{n} tokens stand for words that the vocabulary does not have"),
        }
    }
}

fn row<'a, T: fmt::Display>(label: &'a str, cells: &[T]) -> TableRow<'a> {
    TableRow { label, cells: cells.iter().map(|cell| on_one_line(&cell.to_string())).collect() }
}
