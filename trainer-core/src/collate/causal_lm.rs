//! The collator of texts whose next token has to be found: `CausalLm` in `#[trainer(collator = …)]`.

use super::padding::pads_as_padding_does;
use super::{Batch, Collation, Collator, Item, Padding, labels, layout};
use crate::data::IGNORE;
use crate::error::Result;
use crate::text::Tokenizer;

const NAME: &str = "CausalLm";

/// Pads the tokens of a batch as [`Padding`] does; what a model finds at a token is the one after it.
///
/// Out: labels `[batch, length]`, `u32`. They are the tokens themselves, or the row's own labels where it has some (one for each
/// token, at the token: this collator moves them to the place before, where the model says them). The last token of a row has
/// none. Padding is known by its place and not by its id, so that a token which is padding elsewhere is learned where it is a
/// part of the text: with `pad_token = eos_token` models still learn to end.
///
/// Source: `transformers.DataCollatorForLanguageModeling(mlm=False)`, which puts the label of a token at the token and masks
/// every token whose id is that of padding; `trl` for rows with labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CausalLm {
    padding: Padding,
    every_token: bool,
}

pads_as_padding_does!(CausalLm);

impl CausalLm {
    /// To the longest row of each batch, as the tokenizer pads.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every token is learned, whatever labels a row has: of a conversation the questions too.
    pub fn every_token(mut self) -> Self {
        self.every_token = true;
        self
    }

    /// What the model has to find at each token of a row.
    fn labels(&self, item: &Item, tokens: &[u32], mask: &[u32]) -> Result<Vec<u32>> {
        let given = labels::of_item_alone(NAME, item)?.filter(|_| !self.every_token);
        of_row(item.row, given, tokens, mask)
    }
}

/// What the model has to find at each token of a sequence: the labels `given`, or the tokens themselves.
///
/// # Errors
/// Labels that leave nothing to find. A sequence of one token has no next, which is nobody's mistake.
pub(super) fn of_row(row: usize, given: Option<&[u32]>, tokens: &[u32], mask: &[u32]) -> Result<Vec<u32>> {
    let found = labels::of_the_next(given.unwrap_or(tokens), mask);
    let Some(given) = given.filter(|_| tokens.len() > 1) else { return Ok(found) };
    labels::something_to_find(row, &found, || {
        if given.iter().any(|label| *label != IGNORE) {
            let why = "the only tokens with a label are its first, which nothing stands before, and padding";
            (why.to_owned(), "put a token in front, such as the tokenizer's `bos_token`".to_owned())
        } else {
            let why = format!("none of its {} tokens has a label, or those that have one were cut away", tokens.len());
            (why, "raise `max_length`, shorten what stands before the answer, or leave the row out".to_owned())
        }
    })?;
    Ok(found)
}

impl Collator for CausalLm {
    fn learns_every_token(&self) -> bool {
        self.every_token
    }

    fn max_length(&self) -> Option<usize> {
        Collator::max_length(&self.padding)
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        self.padding.padded_length(longest)
    }

    /// # Errors
    /// As [`Padding`]; a row whose labels leave nothing to find.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let mut batch = layout::begin(items)?;
        let encodings = Padding::encodings(NAME, items)?;
        let rows = items.iter().zip(&encodings);
        let rows = rows.map(|(item, (_, row))| self.labels(item, &row.input_ids, &row.attention_mask));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let (length, fill) = self.padding.lay_out(NAME, &mut batch, &encodings, tokenizer)?;
        batch.labels = Some(labels::laid_out(&rows, length, fill)?);
        Ok(batch)
    }

    fn check(&self, item: &Item, _collation: &Collation<'_>) -> Result<()> {
        let Some(encoding) = item.input.tokens() else { return Ok(()) };
        self.labels(item, &encoding.input_ids, &encoding.attention_mask).map(|_| ())
    }
}
