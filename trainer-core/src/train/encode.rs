//! Examples become items: texts are encoded once, before the first step, and every row is checked against the model.

use rayon::prelude::*;

use super::formatting::{Formatting, formatted};
use crate::collate::{Item, ItemInput};
use crate::data::{Dataset, Example, Input};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Encoding, Tokenizer};

/// What a model and a collator can take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// The longest sequence, in tokens: texts are cut to it, tokenised rows that are longer are refused.
    pub(crate) length: Option<usize>,
    /// Ids of the embedding.
    pub(crate) vocabulary: Option<usize>,
}

/// The items of a data set, in its order, and how many texts were cut to the longest length.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) items: Vec<Item>,
    pub(crate) truncated: usize,
}

/// Encodes every row of a data set, or what `formatting` writes of it, on all threads.
///
/// # Errors
/// The first row, in the order of the data set, that a tokenizer or model cannot take, with its place.
pub(crate) fn encode<E: Example>(
    dataset: &Dataset<E>,
    tokenizer: Option<&Tokenizer>,
    limits: Limits,
    formatting: Option<Formatting<E>>,
) -> Result<Encoded> {
    let encoded: Vec<Result<(Item, Cut)>> = dataset
        .examples()
        .par_iter()
        .enumerate()
        .map(|(row, example)| {
            let encoded = match formatting {
                Some(formatting) => formatted(example, formatting)
                    .and_then(|text| encode_input(&Input::Text { text: &text, pair: None }, tokenizer, limits)),
                None => encode_input(&example.input(), tokenizer, limits),
            };
            let (input, cut) = encoded.map_err(|error| error.at(dataset.place(row)))?;
            Ok((Item { row, input, target: example.target() }, cut))
        })
        .collect();
    let mut all = Encoded { items: Vec::with_capacity(encoded.len()), truncated: 0 };
    for item in encoded {
        let (item, cut) = item?;
        all.truncated += usize::from(cut == Cut::Yes);
        all.items.push(item);
    }
    Ok(all)
}

/// Whether a text was longer than the longest length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Yes,
    No,
}

/// Encodes one input.
pub(crate) fn encode_input(
    input: &Input<'_>,
    tokenizer: Option<&Tokenizer>,
    limits: Limits,
) -> Result<(ItemInput, Cut)> {
    let (encoding, cut) = match (input, tokenizer) {
        (Input::Features(numbers), _) => return Ok((ItemInput::Features(numbers.to_vec()), Cut::No)),
        (Input::Tokens { input_ids, attention_mask, token_type_ids }, None) => {
            (Encoding::from_tokens(input_ids, *attention_mask, *token_type_ids)?, Cut::No)
        }
        (Input::Text { .. }, Some(tokenizer)) => encode_text(input, tokenizer, limits)?,
        (_, Some(tokenizer)) => (tokenizer.encode_input(input, None)?, Cut::No),
        (_, None) => {
            return Err(Error::new(ErrorKind::Text, "the example is a text, and the trainer has no tokenizer")
                .help("add a field `tokenizer: Tokenizer` to the trainer"));
        }
    };
    check(&encoding, limits)?;
    Ok((ItemInput::Tokens(encoding), cut))
}

fn encode_text(input: &Input<'_>, tokenizer: &Tokenizer, limits: Limits) -> Result<(Encoding, Cut)> {
    let whole = tokenizer.encode_input(input, None)?;
    match limits.length {
        Some(length) if whole.len() > length => Ok((tokenizer.encode_input(input, Some(length))?, Cut::Yes)),
        _ => Ok((whole, Cut::No)),
    }
}

fn check(encoding: &Encoding, limits: Limits) -> Result<()> {
    if let Some(length) = limits.length.filter(|length| encoding.len() > *length) {
        let message = format!("the row has {} tokens, but at most {length} fit", encoding.len());
        return Err(Error::new(ErrorKind::Data, message)
            .help("cut the texts where they are tokenised, or raise `max_length` if the model has more positions"));
    }
    let Some(vocabulary) = limits.vocabulary else { return Ok(()) };
    match encoding.input_ids.iter().find(|id| **id as usize >= vocabulary) {
        Some(id) => {
            let message = format!("the token id {id} is outside of the model's vocabulary of {vocabulary}");
            Err(Error::new(ErrorKind::Data, message).help(format!(
                "ids go from 0 to {}; the tokenizer and the model must be of one directory",
                vocabulary.saturating_sub(1)
            )))
        }
        None => Ok(()),
    }
}
