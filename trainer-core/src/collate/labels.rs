//! Labels of tokens.
//!
//! In: what the items say of their tokens. Out: a label for each place of a batch, [`IGNORE`] at padding; for a model that says
//! what comes next, those of the token after. It refuses labels that are not one for each token, and a row in which nothing is
//! left to find.

use candle_core::{Device, Tensor};

use super::{Item, ItemInput, layout};
use crate::data::{IGNORE, Target};
use crate::error::{Error, ErrorKind, Result};

/// The labels of the tokens of each item, or `None` if no item has a target or none has one for each token.
///
/// # Errors
/// Some items with such labels and others without; another number of labels than tokens; labels of words, which nothing has
/// spread over the tokens.
pub(super) fn of_tokens<'a>(of: &str, items: &[&'a Item]) -> Result<Option<Vec<&'a [u32]>>> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        if let Some(labels) = of_item(of, item)? {
            all.push(labels);
        }
    }
    match all.len() {
        0 => Ok(None),
        count if count == items.len() => Ok(Some(all)),
        _ => Err(Error::new(
            ErrorKind::Data,
            "some rows of this batch have a label for each token, and others have none",
        )),
    }
}

/// The labels of the tokens of one item, if it has any.
pub(super) fn of_item<'a>(of: &str, item: &'a Item) -> Result<Option<&'a [u32]>> {
    let row = item.row;
    match (&item.target, &item.input) {
        (Target::Tokens(labels), ItemInput::Tokens(encoding)) if labels.len() != encoding.len() => {
            let message = format!("row {row} has {} tokens, but {} labels", encoding.len(), labels.len());
            Err(Error::new(ErrorKind::Data, message).help("give one label for each token, -100 where there is none"))
        }
        (Target::Tokens(labels), _) => Ok(Some(labels)),
        (Target::Tags(_), _) => {
            let message = format!("row {row} has a class for each word, but `{of}` lays out one for each token");
            Err(Error::new(ErrorKind::Data, message)
                .help("give the trainer the tokenizer that makes tokens of the words"))
        }
        _ => Ok(None),
    }
}

/// As [`of_item`], of a collator that lays out nothing else.
pub(super) fn of_item_alone<'a>(of: &str, item: &'a Item) -> Result<Option<&'a [u32]>> {
    match (of_item(of, item)?, &item.target) {
        (None, Target::None) => Ok(None),
        (None, _) => {
            let message =
                format!("row {} has a label for the whole example, but `{of}` lays out labels of tokens", item.row);
            Err(Error::new(ErrorKind::Data, message).help("write `collator = Padding`"))
        }
        (labels, _) => Ok(labels),
    }
}

/// `[batch, length]`, `u32`, with [`IGNORE`] on the side of the padding.
pub(super) fn laid_out(rows: &[impl AsRef<[u32]>], length: usize, fill: layout::Fill) -> Result<Tensor> {
    let mut labels = Vec::with_capacity(rows.len() * length);
    for row in rows {
        fill.place(&mut labels, row.as_ref(), length, IGNORE);
    }
    Ok(Tensor::from_vec(labels, (rows.len(), length), &Device::Cpu)?)
}

/// What a model finds at each token of a sequence that says what comes next: the label of the token after it. The last has
/// none, and none is found at a token that `mask` hides, or before one.
pub(super) fn of_the_next(labels: &[u32], mask: &[u32]) -> Vec<u32> {
    let is_real = |place: usize| mask.get(place).is_none_or(|value| *value != 0);
    let next = |place: usize| match labels.get(place + 1) {
        Some(label) if is_real(place) && is_real(place + 1) => *label,
        _ => IGNORE,
    };
    (0..labels.len()).map(next).collect()
}

/// Some token of the row has something to find.
///
/// # Errors
/// [`ErrorKind::Data`] naming the row, with what `why` says.
pub(super) fn something_to_find(row: usize, labels: &[u32], why: impl FnOnce() -> (String, String)) -> Result<()> {
    if labels.iter().any(|label| *label != IGNORE) {
        return Ok(());
    }
    let (why, help) = why();
    Err(Error::new(ErrorKind::Data, format!("row {row} has nothing to learn from: {why}")).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_of_a_place_is_that_of_the_token_after_it() {
        assert_eq!(of_the_next(&[1, 2, 3], &[]), [2, 3, IGNORE]);
        assert_eq!(of_the_next(&[1, IGNORE, 3], &[1, 1, 1]), [IGNORE, 3, IGNORE]);
        assert_eq!(of_the_next(&[1, 2, 0, 0], &[1, 1, 0, 0]), [2, IGNORE, IGNORE, IGNORE], "padding in the data");
        assert_eq!(of_the_next(&[0, 1, 2], &[0, 1, 1]), [IGNORE, 2, IGNORE], "nothing is found at padding");
        assert!(of_the_next(&[], &[]).is_empty());
    }
}
