//! The collator that hides tokens, which the model has to find: `MaskedLm` in `#[trainer(collator = …)]`.

use std::collections::BTreeSet;

use super::padding::pads_as_padding_does;
use super::rules::masked_lm_shares;
use super::{Batch, Collation, Collator, Item, Padding, labels, layout};
use crate::args::rules::Verdict;
use crate::data::{IGNORE, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::random::{Moment, Site, Stream};
use crate::text::{Encoding, Tokenizer};

const NAME: &str = "MaskedLm";

/// Chooses tokens at random, hides most of them, and has the model find what they were.
///
/// Every token that is not special is chosen by itself, with the [`probability`](Self::probability) 0.15. Of those chosen a share
/// ([`mask`](Self::mask), 0.8) becomes the tokenizer's mask token, another ([`random`](Self::random), 0.1) a random id of its
/// vocabulary, and the rest stays. Labels `[batch, length]`, `u32`, are the tokens that were chosen, and
/// [`IGNORE`](crate::data::IGNORE) at the others.
///
/// Numbers are drawn by the run's seed, the epoch, the row and the place of the token: the same whoever lays the batch out, others
/// in every epoch. An evaluation hides the same tokens each time, and in every run.
///
/// Source: `transformers.DataCollatorForLanguageModeling`.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskedLm {
    padding: Padding,
    probability: f64,
    mask: f64,
    random: f64,
    whole_word: bool,
}

pads_as_padding_does!(MaskedLm);

/// What a tokenizer says of hiding its tokens.
struct Vocabulary {
    mask: u32,
    special: BTreeSet<u32>,
    size: u32,
}

impl Default for MaskedLm {
    fn default() -> Self {
        Self { padding: Padding::new(), probability: 0.15, mask: 0.8, random: 0.1, whole_word: false }
    }
}

impl MaskedLm {
    /// As Hugging Face masks, padded to the longest row of each batch as the tokenizer pads.
    pub fn new() -> Self {
        Self::default()
    }

    /// How likely a token is chosen: above 0, up to 1.
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// The share of the chosen tokens that the mask token stands for.
    pub fn mask(mut self, share: f64) -> Self {
        self.mask = share;
        self
    }

    /// The share of the chosen tokens that a random token stands for.
    pub fn random(mut self, share: f64) -> Self {
        self.random = share;
        self
    }

    /// Chooses words with all of their tokens, and hides each behind the mask token; the probability is that of a word. A word
    /// goes on as long as no character lies between its tokens, so that a comma belongs to the word before it.
    pub fn whole_word(mut self) -> Self {
        (self.whole_word, self.mask, self.random) = (true, 1.0, 0.0);
        self
    }

    fn vocabulary(&self, collation: &Collation<'_>) -> Result<Vocabulary> {
        if let Verdict::Refused { message, help } = masked_lm_shares(self.probability, self.mask, self.random) {
            return Err(Error::new(ErrorKind::Arguments, message.as_str()).help(help.as_str()));
        }
        let Some(tokenizer) = collation.tokenizer else {
            return Err(Error::new(
                ErrorKind::Text,
                "`MaskedLm` takes its mask token from the tokenizer, and there is none",
            )
            .help("add the field `tokenizer: Tokenizer`"));
        };
        let Some(mask) = &tokenizer.special_tokens().mask_token else {
            let message = "`MaskedLm` hides tokens behind the mask token, but this tokenizer has no `mask_token`";
            return Err(Error::new(ErrorKind::Text, message).help(
                "take the tokenizer of a model that was trained so, such as BERT's, or write `collator = CausalLm`",
            ));
        };
        // An id that the tokenizer has and the model has not would be outside of its embedding.
        let size = collation
            .vocabulary_size
            .map_or(tokenizer.vocabulary_size(), |of_model| of_model.min(tokenizer.vocabulary_size()));
        Ok(Vocabulary {
            mask: mask.id,
            special: tokenizer.special_tokens().ids(),
            size: u32::try_from(size).unwrap_or(u32::MAX).max(1),
        })
    }

    /// The numbers of a row: those of its epoch, or the same in every evaluation.
    fn stream(row: usize, collation: &Collation<'_>) -> Stream {
        let (seed, epoch, site) = match collation.epoch {
            Some(epoch) => (collation.seed, epoch, "masked_lm"),
            None => (0, 0, "masked_lm.evaluation"),
        };
        let moment = Moment { seed, epoch, update: row as u32, micro_batch: (row as u64 >> 32) as u32 };
        moment.stream(Site::named(site))
    }

    /// The row with some tokens hidden, and its labels.
    fn hidden(
        &self,
        row: usize,
        encoding: &Encoding,
        vocabulary: &Vocabulary,
        stream: Stream,
    ) -> Result<(Encoding, Vec<u32>)> {
        let begins = self.choices(row, encoding, &vocabulary.special)?;
        let (mut input_ids, mut labels) = (encoding.input_ids.clone(), vec![IGNORE; encoding.len()]);
        let mut is_chosen = false;
        for (place, (begin, (id, label))) in begins.iter().zip(input_ids.iter_mut().zip(&mut labels)).enumerate() {
            let [choice, action, drawn, _] = stream.block(place as u32);
            is_chosen = match begin {
                Choice::Never => false,
                Choice::OfItself => share(choice) < self.probability,
                Choice::WithTheLast => is_chosen,
            };
            if !is_chosen {
                continue;
            }
            *label = *id;
            if share(action) < self.mask {
                *id = vocabulary.mask;
            } else if share(action) < self.mask + self.random {
                *id = ((u64::from(drawn) * u64::from(vocabulary.size)) >> 32) as u32;
            }
        }
        let Encoding { attention_mask, token_type_ids, .. } = encoding.clone();
        Ok((Encoding { input_ids, attention_mask, token_type_ids, ..Encoding::default() }, labels))
    }

    /// Whether each token is chosen by itself, with the one before it, or never.
    ///
    /// # Errors
    /// A row without any token to choose; whole words where nothing is known of the text.
    fn choices(&self, row: usize, encoding: &Encoding, special: &BTreeSet<u32>) -> Result<Vec<Choice>> {
        // A tokenizer that has marked something has marked all; what is tokenised already is told by its ids.
        let is_marked = encoding.special_tokens_mask.contains(&1);
        let is_special = |place: usize, id: &u32| match encoding.special_tokens_mask.get(place) {
            Some(mark) if is_marked => *mark == 1,
            _ => special.contains(id),
        };
        let is_hidden = |place: usize| encoding.attention_mask.get(place) == Some(&0);
        let ids = encoding.input_ids.iter().enumerate();
        let never: Vec<bool> = ids.map(|(place, id)| is_hidden(place) || is_special(place, id)).collect();
        if never.iter().all(|never| *never) {
            let message = format!("row {row} has nothing to learn from: all of its {} tokens are special", never.len());
            return Err(Error::new(ErrorKind::Data, message).help("leave rows out whose text is empty"));
        }
        if self.whole_word && encoding.offsets.iter().all(|offset| *offset == (0, 0)) {
            let message =
                format!("`whole_word` has to know which tokens make a word, but row {row} is tokenised already");
            return Err(
                Error::new(ErrorKind::Data, message).help("give the example a `text`, or leave `whole_word` out")
            );
        }
        let goes_on = |place: usize| {
            let at = |place: usize| encoding.offsets.get(place);
            self.whole_word
                && place > 0
                && !never[place - 1]
                && at(place - 1).zip(at(place)).is_some_and(|((_, end), (start, _))| end == start)
        };
        let choice = |(place, never): (usize, &bool)| match never {
            true => Choice::Never,
            false if goes_on(place) => Choice::WithTheLast,
            false => Choice::OfItself,
        };
        Ok(never.iter().enumerate().map(choice).collect())
    }
}

/// How a token is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Never,
    OfItself,
    WithTheLast,
}

/// 32 random bits as a number in `[0, 1)`.
fn share(bits: u32) -> f64 {
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

impl Collator for MaskedLm {
    fn max_length(&self) -> Option<usize> {
        Collator::max_length(&self.padding)
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        self.padding.padded_length(longest)
    }

    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        self.collate_in(items, &Collation { tokenizer, ..Collation::default() })
    }

    /// # Errors
    /// As [`Padding`]; no tokenizer, or one without a mask token; a probability or shares that make no sense; a row with labels
    /// of its own, or of special tokens alone; whole words of rows that are tokenised already.
    fn collate_in(&self, items: &[&Item], collation: &Collation<'_>) -> Result<Batch> {
        let vocabulary = self.vocabulary(collation)?;
        let mut batch = layout::begin(items)?;
        let encodings = Padding::encodings(NAME, items)?;
        let (mut hidden, mut found) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
        for (item, (row, encoding)) in items.iter().zip(encodings) {
            has_no_labels(item)?;
            let (encoding, labels) = self.hidden(row, encoding, &vocabulary, Self::stream(row, collation))?;
            hidden.push((row, encoding));
            found.push(labels);
        }
        let rows: Vec<(usize, &Encoding)> = hidden.iter().map(|(row, encoding)| (*row, encoding)).collect();
        let (length, fill) = self.padding.lay_out(NAME, &mut batch, &rows, collation.tokenizer)?;
        batch.labels = Some(labels::laid_out(&found, length, fill)?);
        Ok(batch)
    }

    fn check(&self, item: &Item, collation: &Collation<'_>) -> Result<()> {
        let vocabulary = self.vocabulary(collation)?;
        has_no_labels(item)?;
        let Some(encoding) = item.input.tokens() else { return Ok(()) };
        self.choices(item.row, encoding, &vocabulary.special).map(|_| ())
    }
}

/// The labels are what the collator hides.
fn has_no_labels(item: &Item) -> Result<()> {
    match item.target {
        Target::None => Ok(()),
        _ => {
            let message = format!("row {} has labels, but `MaskedLm` makes them of the tokens that it hides", item.row);
            Err(Error::new(ErrorKind::Data, message).help("leave the labels out, or write the collator of your task"))
        }
    }
}

#[cfg(test)]
mod tests;
