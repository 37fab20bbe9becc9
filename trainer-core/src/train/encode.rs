//! Examples become items: texts are encoded once, before the first step, and every row is checked against the model.
//!
//! In: examples, a tokenizer, and what the model can take. Out: items, whose targets are of tokens where the task is over
//! tokens, and what was lost on the way, to be said. It refuses a row that the model cannot take, and one of which
//! truncation leaves nothing to learn, with its place. Large data sets of texts are encoded once for several starts: see
//! [`token_cache`](super::token_cache).

mod lost;
mod row;

use rayon::prelude::*;

use self::lost::Lost;
pub(crate) use self::row::{Cut, asked_of_words, encode_input};
use self::row::{Settling, Tokenised, tokenise, writes};
use super::formatting::{Formatting, formatted};
use super::token_cache::{Key, TokenCache, key_of, texts};
use crate::collate::Item;
use crate::data::{Dataset, Example, Input, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Encoding, Learned, Side, Tokenizer};

/// What a model and a collator can take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Of what is read.
    pub(crate) read: Room,
    /// Of what has to be written or found in it.
    pub(crate) written: Room,
    /// What of a conversation is learned.
    pub(crate) learned: Learned,
}

/// What there is room for in a sequence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Room {
    /// The longest, in tokens: texts are cut to it, tokenised rows that are longer are refused.
    pub(crate) length: Option<usize>,
    /// Ids of the embedding.
    pub(crate) vocabulary: Option<usize>,
}

impl Limits {
    /// The longest of all sequences, if each has one.
    pub(crate) fn longest(&self) -> Option<usize> {
        self.read.length.zip(self.written.length).map(|(read, written)| read.max(written))
    }
}

#[cfg(test)]
impl Limits {
    /// The same of what is read and of what is written; answers are learned.
    const fn both(length: Option<usize>, vocabulary: Option<usize>) -> Self {
        let room = Room { length, vocabulary };
        Self { read: room, written: room, learned: Learned::Answers }
    }
}

/// What items are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To learn from or to judge a model by: each must have something to find.
    Learning,
    /// To predict: of words every one is asked for, whatever its tag is.
    Prediction,
}

/// The items of a data set, in its order, and what of it was lost.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) items: Vec<Item>,
    pub(crate) lost: Lost,
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
    purpose: Purpose,
    formatting: Option<Formatting<E>>,
    cache: Option<&TokenCache>,
) -> Result<Encoded> {
    let inputs = Inputs::new(dataset.examples(), formatting);
    let key = cache.zip(tokenizer).and_then(|(cache, tokenizer)| inputs.key(tokenizer, limits, cache.worth_keeping()));
    let place = cache.zip(key.as_ref());
    let each = inputs.encodings_each();
    let known = place.and_then(|(cache, key)| cache.read(key, dataset.len() * each));
    let is_new = known.is_none();
    let tokenised: Vec<Result<Tokenised>> = match known {
        Some(known) => rows(known, each).map(Ok).collect(),
        None => {
            let encode = |row| tokenise(&inputs.get(row)?, E::Task::KIND, tokenizer, limits);
            (0..dataset.len()).into_par_iter().map(encode).collect()
        }
    };
    let tokenised = tokenised.into_iter().enumerate();
    let tokenised: Vec<Tokenised> =
        tokenised.map(|(row, found)| found.map_err(|error| error.at(dataset.place(row)))).collect::<Result<_>>()?;
    let side = tokenizer.map_or(Side::Right, Tokenizer::truncation_side);
    if let (true, Some((cache, key))) = (is_new && tokenised.iter().all(|row| row.encodings().count() == each), place) {
        cache.write(key, tokenised.iter().flat_map(Tokenised::encodings));
    }
    let mut all = Encoded { items: Vec::with_capacity(tokenised.len()), lost: Lost::default() };
    let mut settling = Settling { kind: E::Task::KIND, purpose, limits, side, lost: &mut all.lost, row: 0 };
    for ((row, tokenised), example) in tokenised.into_iter().enumerate().zip(dataset.examples()) {
        settling.row = row;
        let settled = settling.item(tokenised, &example.input(), example.target());
        let (input, target) = settled.map_err(|error| error.at(dataset.place(row)))?;
        all.items.push(Item { row, input, target });
    }
    Ok(all)
}

/// Rows as they were kept, `each` encodings of them together.
fn rows(known: Vec<(Encoding, Cut)>, each: usize) -> impl Iterator<Item = Tokenised> {
    let mut known = known.into_iter();
    std::iter::from_fn(move || {
        let (input, cut) = known.next()?;
        let written = if each > 1 { known.next() } else { None };
        Some(Tokenised::of_tokens(input, cut, written))
    })
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

    /// How many encodings a row has: that of what is read, and that of what is written if it is made of texts too.
    fn encodings_each(&self) -> usize {
        let first = if self.examples.is_empty() { None } else { self.get(0).ok() };
        if first.is_some_and(|input| writes(&input, E::Task::KIND)) { 2 } else { 1 }
    }

    /// What their encodings follow from; `None` unless they are texts of so many bytes.
    fn key(&self, tokenizer: &Tokenizer, limits: Limits, least: usize) -> Option<Key> {
        let rows = || (0..self.examples.len()).map(|row| texts(&self.get(row).ok()?));
        let length = |texts: Vec<&str>| texts.into_iter().map(str::len).sum::<usize>();
        let bytes = rows().map(|texts| texts.map(length)).sum::<Option<usize>>()?;
        let kind = format!("{:?} {:?}", E::Task::KIND, limits.learned);
        let lengths = [limits.read.length, limits.written.length];
        (bytes >= least).then(|| key_of(tokenizer, lengths, &kind, rows().flatten())).flatten()
    }
}

#[cfg(test)]
mod tests;
