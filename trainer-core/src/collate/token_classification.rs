//! The collator of tagging: `TokenClassification` in `#[trainer(collator = …)]`.

use super::padding::pads_as_padding_does;
use super::{Batch, Collator, Item, Padding, labels, layout};
use crate::error::Result;
use crate::text::Tokenizer;

const NAME: &str = "TokenClassification";

/// Pads the tokens of a batch as [`Padding`] does, and their labels with them: the label of padding counts nothing.
///
/// In: a label for each token, [`IGNORE`](crate::data::IGNORE) on special tokens and inside of words. Out: labels
/// `[batch, length]`, `u32`; none if no row has labels.
///
/// Source: `transformers.DataCollatorForTokenClassification`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenClassificationCollator {
    padding: Padding,
}

pads_as_padding_does!(TokenClassificationCollator);

impl TokenClassificationCollator {
    /// To the longest row of each batch, as the tokenizer pads.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Collator for TokenClassificationCollator {
    fn max_length(&self) -> Option<usize> {
        Collator::max_length(&self.padding)
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        self.padding.padded_length(longest)
    }

    /// # Errors
    /// As [`Padding`]; rows of which only some have labels.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let mut batch = layout::begin(items)?;
        for item in items {
            labels::of_item_alone(NAME, item)?;
        }
        let found = labels::of_tokens(NAME, items)?;
        let encodings = Padding::encodings(NAME, items)?;
        let (length, fill) = self.padding.lay_out(NAME, &mut batch, &encodings, tokenizer)?;
        // A row without a label counts nothing, and the run has said how many there are.
        if let Some(found) = found {
            batch.labels = Some(labels::laid_out(&found, length, fill)?);
        }
        Ok(batch)
    }
}
