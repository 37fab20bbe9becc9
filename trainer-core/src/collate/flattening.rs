//! The collator that puts rows one after another: `Flattening` in `#[trainer(collator = …)]`.

use super::layout::Fill;
use super::padding::pads_as_padding_does;
use super::sequences::{self, Sequence};
use super::{Batch, Collation, Collator, Item, Padding};
use crate::data::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Side, Tokenizer};

const NAME: &str = "Flattening";

/// All rows of a batch one after another in one, without padding, for a model that says what comes next.
///
/// Out: tokens and labels `[1, tokens]`; `position_ids`, which begin at 0 with each sequence (a model that counts from another
/// number adds it); `sequence_lengths`, which tokens of different sequences keep to: the result is that of the rows each by itself.
/// Labels are as those of [`CausalLm`](super::CausalLm): the last token of a sequence has none, so that no sequence is found from
/// the one before it. With [`pad_to_multiple_of`](Self::pad_to_multiple_of) the row is filled up at its end.
///
/// Source: `transformers.DataCollatorWithFlattening`; `trl` with `padding_free` for the multiple.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flattening {
    padding: Padding,
    every_token: bool,
}

pads_as_padding_does!(Flattening, filled up);

impl Flattening {
    /// Without any padding; labels are the row's own where it has some.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sequences of at most `length` tokens each: texts are cut to it when they are tokenised, a longer row is an error. The row
    /// of all of them is longer.
    pub fn max_length(mut self, length: usize) -> Self {
        self.padding = self.padding.max_length(length);
        self
    }

    /// Every token is learned, whatever labels a row has: of a conversation the questions too.
    pub fn every_token(mut self) -> Self {
        self.every_token = true;
        self
    }

    /// What the row is filled up with; nothing where it is not filled up.
    fn fill(&self, tokenizer: Option<&Tokenizer>) -> Result<Fill> {
        if self.padding.row_length(1) == 1 {
            return Ok(Fill { id: 0, type_id: 0, side: Side::Right });
        }
        self.padding.fill(NAME, tokenizer)
    }
}

impl Collator for Flattening {
    fn learns_every_token(&self) -> bool {
        self.every_token
    }

    fn max_length(&self) -> Option<usize> {
        Collator::max_length(&self.padding)
    }

    /// # Errors
    /// Rows that are no tokens, without any, or longer than the maximum; labels that leave nothing to find; a multiple without
    /// anything to fill up with.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        if items.is_empty() {
            return Err(Error::new(ErrorKind::Data, "a batch needs at least one example"));
        }
        self.padding.check(NAME)?;
        let fill = self.fill(tokenizer)?;
        let sequences = sequences::of_items(NAME, items, self.every_token)?;
        for (item, sequence) in items.iter().zip(&sequences) {
            self.padding.is_within_the_limit(item.row, sequence.len())?;
        }
        let tokens = sequences.iter().map(Sequence::len).sum();
        sequences::lay_out(&[sequences.iter().collect()], self.padding.row_length(tokens), fill)
    }

    fn check(&self, item: &Item, _collation: &Collation<'_>) -> Result<()> {
        match (&item.target, item.input.tokens()) {
            (Target::Tokens(_), Some(encoding)) => Sequence::of(NAME, item, encoding, self.every_token).map(|_| ()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
