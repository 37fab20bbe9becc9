//! The collator that pads nothing: `Default` in `#[trainer(collator = …)]`.

use super::{Batch, Collator, Item, labels, layout};
use crate::error::Result;
use crate::text::{Side, Tokenizer};

/// Stacks items as they are; all rows of tokens or features must have the same length. Labels of tokens are those of the items,
/// not shifted.
///
/// Source: `transformers.default_data_collator`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DefaultCollator;

impl Collator for DefaultCollator {
    /// # Errors
    /// Rows of different lengths or kinds, by their row in the data set.
    fn collate(&self, items: &[&Item], _tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let mut batch = layout::begin(items)?;
        let of_tokens = labels::of_tokens("Default", items)?;
        if of_tokens.is_none() {
            batch.labels = layout::labels("Default", items)?;
        }
        let Some(encodings) = layout::encodings(items)? else {
            batch.features = layout::features(items)?;
            return Ok(batch);
        };
        let lengths = encodings.iter().map(|(row, encoding)| (*row, encoding.input_ids.len()));
        let mut first = None;
        for (row, length) in lengths {
            let first = *first.get_or_insert((row, length));
            if length != first.1 {
                return Err(layout::unequal("input_ids", first, (row, length))
                    .help("write `collator = Padding`, which brings the rows of a batch to one length"));
            }
        }
        let length = first.map_or(0, |(_, length)| length);
        let fill = layout::Fill { id: 0, type_id: 0, side: Side::Right };
        layout::tokens(&mut batch, &encodings, length, fill)?;
        if let Some(of_tokens) = of_tokens {
            batch.labels = Some(labels::laid_out(&of_tokens, length, fill)?);
        }
        Ok(batch)
    }
}
