//! Examples become items: texts are encoded once, before the first step, and every row is checked against the model.
//!
//! Large data sets of texts are encoded once for several starts: see [`token_cache`](super::token_cache).

use rayon::prelude::*;

use super::formatting::{Formatting, formatted};
use super::token_cache::{Key, TokenCache, key_of, texts};
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

/// Encodes every row of a data set, or what `formatting` writes of it, on all threads; takes what `cache` has kept of an
/// earlier start.
///
/// # Errors
/// The first row, in the order of the data set, that a tokenizer or model cannot take, with its place.
pub(crate) fn encode<E: Example>(
    dataset: &Dataset<E>,
    tokenizer: Option<&Tokenizer>,
    limits: Limits,
    formatting: Option<Formatting<E>>,
    cache: Option<&TokenCache>,
) -> Result<Encoded> {
    let inputs = Inputs::new(dataset.examples(), formatting);
    let key = cache.zip(tokenizer).and_then(|(cache, tokenizer)| inputs.key(tokenizer, limits, cache.worth_keeping()));
    let place = cache.zip(key.as_ref());
    let known = place.and_then(|(cache, key)| cache.read(key, dataset.len()));
    let is_new = known.is_none();
    let encoded: Vec<Result<(ItemInput, Cut)>> = match known {
        Some(known) => known.into_par_iter().map(|(encoding, cut)| tokens(encoding, cut, limits)).collect(),
        None => {
            let encode = |row| encode_input(&inputs.get(row)?, tokenizer, limits);
            (0..dataset.len()).into_par_iter().map(encode).collect()
        }
    };
    let mut all = Encoded { items: Vec::with_capacity(encoded.len()), truncated: 0 };
    let mut cuts = Vec::with_capacity(encoded.len());
    for ((row, encoded), example) in encoded.into_iter().enumerate().zip(dataset.examples()) {
        let (input, cut) = encoded.map_err(|error| error.at(dataset.place(row)))?;
        all.truncated += usize::from(cut == Cut::Yes);
        all.items.push(Item { row, input, target: example.target() });
        cuts.push(cut);
    }
    if let (true, Some((cache, key))) = (is_new, place) {
        let rows = all.items.iter().zip(&cuts);
        cache.write(key, rows.filter_map(|(item, cut)| item.input.tokens().map(|encoding| (encoding, *cut))));
    }
    Ok(all)
}

/// What goes into the model of each row: its input, or what `formatting` writes of it.
struct Inputs<'a, E> {
    examples: &'a [E],
    formatting: Option<Formatting<E>>,
    /// What `formatting` writes of each row, `None` for a row that it leaves nothing of; empty without it.
    texts: Vec<Option<String>>,
}

impl<'a, E: Example> Inputs<'a, E> {
    fn new(examples: &'a [E], formatting: Option<Formatting<E>>) -> Self {
        let write = |formatting| examples.par_iter().map(|example| formatted(example, formatting).ok()).collect();
        Self { examples, formatting, texts: formatting.map_or_else(Vec::new, write) }
    }

    /// # Errors
    /// [`ErrorKind::Data`] if `formatting` leaves nothing of the row.
    fn get(&self, row: usize) -> Result<Input<'_>> {
        let Some(formatting) = self.formatting else { return Ok(self.examples[row].input()) };
        match &self.texts[row] {
            Some(text) => Ok(Input::Text { text, pair: None }),
            None => Err(formatted(&self.examples[row], formatting).err().unwrap_or_else(|| {
                Error::new(ErrorKind::Data, "`formatting` writes another text of this row each time it is asked")
                    .help("what it writes must follow from the row alone")
            })),
        }
    }

    /// What their encodings follow from; `None` unless they are texts of so many bytes.
    fn key(&self, tokenizer: &Tokenizer, limits: Limits, least: usize) -> Option<Key> {
        let rows = || (0..self.examples.len()).map(|row| texts(&self.get(row).ok()?));
        let length = |(text, pair): (&str, Option<&str>)| text.len() + pair.map_or(0, str::len);
        let bytes = rows().map(|texts| texts.map(length)).sum::<Option<usize>>()?;
        (bytes >= least).then(|| key_of(tokenizer, limits.length, rows().flatten())).flatten()
    }
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
    tokens(encoding, cut, limits)
}

/// Tokens as a model takes them.
fn tokens(encoding: Encoding, cut: Cut, limits: Limits) -> Result<(ItemInput, Cut)> {
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

#[cfg(test)]
mod tests;
