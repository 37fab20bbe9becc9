//! One row: its texts become tokens, then its target becomes what the collators take.
//!
//! In: what an example gives to the model, and its target. Out: the tokens of an item, and its target: of words the tags on
//! the words' first tokens, of texts to write their ids. It refuses what the model cannot take, and a row of which truncation
//! leaves nothing to learn.

use super::lost::Lost;
use super::{Limits, Purpose, Room};
use crate::collate::ItemInput;
use crate::data::{IGNORE, Input, Target, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{EncodedConversation, Encoding, Side, Tokenizer};

/// Whether a text was longer than the longest length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Yes,
    No,
}

/// What is made of the texts of a row, and all that is kept of it for another start.
pub(super) struct Tokenised {
    input: ItemInput,
    cut: Cut,
    /// What has to be written, where that is made of texts too.
    written: Option<(Encoding, Cut)>,
}

impl Tokenised {
    pub(super) fn of_tokens(input: Encoding, cut: Cut, written: Option<(Encoding, Cut)>) -> Self {
        Self { input: ItemInput::Tokens(input), cut, written }
    }

    /// Its encodings, in the order of [`of_tokens`](Self::of_tokens).
    pub(super) fn encodings(&self) -> impl Iterator<Item = (&Encoding, Cut)> + Clone {
        let input = self.input.tokens().map(|encoding| (encoding, self.cut));
        input.into_iter().chain(self.written.as_ref().map(|(encoding, cut)| (encoding, *cut)))
    }
}

/// Whether what has to be written for this input is made of texts.
pub(super) fn writes(input: &Input<'_>, kind: TaskKind) -> bool {
    match input {
        Input::SourceTarget { .. } | Input::Completion { .. } | Input::Messages(_) => true,
        Input::Text { .. } => kind == TaskKind::Conversation,
        _ => false,
    }
}

/// Encodes the texts of one row.
pub(super) fn tokenise(
    input: &Input<'_>,
    kind: TaskKind,
    tokenizer: Option<&Tokenizer>,
    limits: Limits,
) -> Result<Tokenised> {
    if !writes(input, kind) {
        let (input, cut) = encoded(input, tokenizer, limits)?;
        return Ok(Tokenised { input, cut, written: None });
    }
    let tokenizer = tokenizer.ok_or_else(no_tokenizer)?;
    match input {
        Input::SourceTarget { source, target } => {
            // Source: `tokenizer(source, text_target=target)`: both with the special tokens of a text.
            let read = cut_to(limits.read.length, |length| tokenizer.encode(source, length))?;
            let written = cut_to(limits.written.length, |length| tokenizer.encode(target, length))?;
            Ok(Tokenised::of_tokens(read.0, read.1, Some(written)))
        }
        _ => conversation(input, tokenizer, limits),
    }
}

/// A conversation, a prompt with its completion, or a text to be learnt as a whole: its tokens, and beside them each token's
/// own id where it is learnt, [`IGNORE`] elsewhere.
fn conversation(input: &Input<'_>, tokenizer: &Tokenizer, limits: Limits) -> Result<Tokenised> {
    let EncodedConversation { encoding, labels, is_cut } =
        tokenizer.encode_conversation(input, limits.read.length, limits.learned)?;
    let labels = Encoding::from_tokens(&labels, None, None)?;
    Ok(Tokenised::of_tokens(encoding, if is_cut { Cut::Yes } else { Cut::No }, Some((labels, Cut::No))))
}

/// Encodes one input.
pub(crate) fn encode_input(
    input: &Input<'_>,
    tokenizer: Option<&Tokenizer>,
    limits: Limits,
) -> Result<(ItemInput, Cut)> {
    let (input, cut) = encoded(input, tokenizer, limits)?;
    if let ItemInput::Tokens(encoding) = &input {
        check(encoding, limits.read)?;
    }
    Ok((input, cut))
}

fn encoded(input: &Input<'_>, tokenizer: Option<&Tokenizer>, limits: Limits) -> Result<(ItemInput, Cut)> {
    let (encoding, cut) = match (input, tokenizer) {
        (Input::Features(numbers), _) => return Ok((ItemInput::Features(numbers.to_vec()), Cut::No)),
        (Input::Tokens { input_ids, attention_mask, token_type_ids }, None) => {
            (Encoding::from_tokens(input_ids, *attention_mask, *token_type_ids)?, Cut::No)
        }
        (Input::Text { .. } | Input::Words(_), Some(tokenizer)) => {
            cut_to(limits.read.length, |length| tokenizer.encode_input(input, length))?
        }
        (_, Some(tokenizer)) => (tokenizer.encode_input(input, None)?, Cut::No),
        (_, None) => return Err(no_tokenizer()),
    };
    Ok((ItemInput::Tokens(encoding), cut))
}

fn no_tokenizer() -> Error {
    Error::new(ErrorKind::Text, "the example is a text, and the trainer has no tokenizer")
        .help("add a field `tokenizer: Tokenizer` to the trainer")
}

/// The whole text, or as much of it as there is room for.
fn cut_to(longest: Option<usize>, encode: impl Fn(Option<usize>) -> Result<Encoding>) -> Result<(Encoding, Cut)> {
    let whole = encode(None)?;
    match longest {
        Some(length) if whole.len() > length => Ok((encode(Some(length))?, Cut::Yes)),
        _ => Ok((whole, Cut::No)),
    }
}

/// What an item is made of, and what of it was lost so far.
pub(super) struct Settling<'a> {
    pub(super) kind: TaskKind,
    pub(super) purpose: Purpose,
    pub(super) limits: Limits,
    /// The side that texts are cut on.
    pub(super) side: Side,
    pub(super) lost: &'a mut Lost,
    /// The row in the data set.
    pub(super) row: usize,
}

impl Settling<'_> {
    /// The item's input and target, from the tokens of a row, what the example gives to the model and its target.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for tokens that the model cannot take, and for a row of which truncation leaves nothing to learn.
    pub(super) fn item(
        &mut self,
        tokenised: Tokenised,
        given: &Input<'_>,
        target: Target,
    ) -> Result<(ItemInput, Target)> {
        let Tokenised { input, cut, written } = tokenised;
        self.lost.truncated += usize::from(cut == Cut::Yes);
        self.lost.targets += usize::from(matches!(written, Some((_, Cut::Yes))));
        let ItemInput::Tokens(encoding) = &input else { return Ok((input, target)) };
        check(encoding, self.limits.read)?;
        if let (Purpose::Prediction, Input::Words(words)) = (self.purpose, given) {
            let asked = asked_of_words(encoding, words.len());
            return Ok((input, Target::Tokens(asked)));
        }
        let target = match (target, written) {
            (_, Some((written, _))) => {
                // What a tokenizer adds at the end of a text is a special token.
                let is_endless = written.special_tokens_mask.last() == Some(&0);
                self.lost.endless += usize::from(is_endless && self.kind == TaskKind::Seq2Seq);
                self.ids(written.input_ids)?
            }
            (Target::Tags(tags), None) => match given {
                Input::Words(words) => self.tags(encoding, words, &tags, cut)?,
                _ => tags,
            },
            (Target::Tokens(ids), None) => self.ids(ids)?,
            (other, None) => return Ok((input, other)),
        };
        self.lost.unlabelled += usize::from(target.iter().all(|label| *label == IGNORE));
        Ok((input, Target::Tokens(target)))
    }

    /// Token ids that have to be found or written.
    fn ids(&self, ids: Vec<u32>) -> Result<Vec<u32>> {
        fits_the_length(ids.len(), self.limits.written)?;
        is_of_the_vocabulary(ids.iter().filter(|id| **id != IGNORE), self.limits.written)?;
        Ok(ids)
    }

    /// The tags of words on their first tokens.
    fn tags(&mut self, encoding: &Encoding, words: &[String], tags: &[u32], cut: Cut) -> Result<Vec<u32>> {
        let first = encoding.first_tokens(tags.len());
        let is_tagged = |word: &usize| tags.get(*word).is_some_and(|tag| *tag != IGNORE);
        let (there, gone): (Vec<usize>, Vec<usize>) =
            (0..tags.len()).filter(is_tagged).partition(|word| matches!(first.get(*word), Some(Some(_))));
        // Words behind the last that is there were cut away; what is missing between others never had a token.
        let is_cut = |word: &&usize| match self.side {
            Side::Right => first.iter().rposition(Option::is_some).is_none_or(|last| **word > last),
            Side::Left => first.iter().position(Option::is_some).is_none_or(|begin| **word < begin),
        };
        let (cut_away, without_tokens): (Vec<usize>, Vec<usize>) =
            gone.iter().partition(|word| cut == Cut::Yes && is_cut(word));
        if there.is_empty() && !gone.is_empty() {
            return Err(if cut_away.is_empty() {
                Error::new(ErrorKind::Data, "the tokenizer makes nothing of the words that have a tag")
                    .help("leave the row out")
            } else {
                let message = format!("the row is cut to {} tokens, and no word with a tag is left", encoding.len());
                Error::new(ErrorKind::Data, message).help("raise `max_length`, or make two rows of this one")
            });
        }
        self.lost.words += cut_away.len();
        self.lost.words_without_tokens += without_tokens.len();
        if let (None, Some(word)) =
            (&self.lost.first_without_tokens, without_tokens.first().and_then(|word| words.get(*word)))
        {
            self.lost.first_without_tokens = Some((self.row, word.clone()));
        }
        Ok(encoding.labels_of_words(tags))
    }
}

/// A label on the first token of each of so many words, of whatever class: there the model says what it finds.
pub(crate) fn asked_of_words(encoding: &Encoding, words: usize) -> Vec<u32> {
    encoding.labels_of_words(&vec![0; words])
}

fn check(encoding: &Encoding, room: Room) -> Result<()> {
    fits_the_length(encoding.len(), room)?;
    is_of_the_vocabulary(encoding.input_ids.iter(), room)
}

fn fits_the_length(tokens: usize, room: Room) -> Result<()> {
    match room.length.filter(|length| tokens > *length) {
        Some(length) => {
            let message = format!("the row has {tokens} tokens, but at most {length} fit");
            Err(Error::new(ErrorKind::Data, message)
                .help("cut the texts where they are tokenised, or raise `max_length` if the model has more positions"))
        }
        None => Ok(()),
    }
}

fn is_of_the_vocabulary<'a>(mut ids: impl Iterator<Item = &'a u32>, room: Room) -> Result<()> {
    let Some(vocabulary) = room.vocabulary else { return Ok(()) };
    match ids.find(|id| **id as usize >= vocabulary) {
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
