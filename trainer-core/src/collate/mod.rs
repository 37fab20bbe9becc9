//! Batches from encoded examples.
//!
//! A [`Collator`] takes the encodings of some examples and lays them out as one [`Batch`]: token ids
//! `[batch, length]`, mask `[batch, length]`, labels as the task wants them. It never drops a row.

mod batch;
mod causal_lm;
mod chunks;
mod completion_only;
mod default;
mod flattening;
mod labels;
mod layout;
mod masked_lm;
mod packing;
mod padding;
pub mod rules;
mod seq2seq;
mod sequences;
mod supervision;
mod token_classification;

pub use batch::Batch;
pub use causal_lm::CausalLm;
pub(crate) use chunks::cut;
pub use completion_only::CompletionOnly;
pub use default::DefaultCollator;
pub use flattening::Flattening;
pub use layout::{Numbers, stack};
pub use masked_lm::MaskedLm;
pub use packing::{Packing, pack};
pub use padding::Padding;
pub use seq2seq::Seq2SeqCollator;
pub use supervision::Supervision;
pub use token_classification::TokenClassificationCollator;

use crate::data::Target;
use crate::error::Result;
use crate::text::{Encoding, Tokenizer};

/// One example, ready to be laid out: encoded if it is text.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The row of the data set that it is.
    pub row: usize,
    /// What goes into the model.
    pub input: ItemInput,
    /// What the model has to find.
    pub target: Target,
}

/// What of an [`Item`] goes into the model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ItemInput {
    /// Tokens.
    Tokens(Encoding),
    /// Numbers.
    Features(Vec<f32>),
}

impl ItemInput {
    /// The tokens, if it is made of tokens.
    pub fn tokens(&self) -> Option<&Encoding> {
        match self {
            Self::Tokens(encoding) => Some(encoding),
            Self::Features(_) => None,
        }
    }
}

/// What a batch is laid out for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Collation<'a> {
    /// The trainer's tokenizer, if it has one.
    pub tokenizer: Option<&'a Tokenizer>,
    /// The run's seed.
    pub seed: u64,
    /// The epoch, from 0, while training; `None` in an evaluation, which lays the same rows out the same way each time.
    pub epoch: Option<u32>,
    /// How the model's decoder begins, if it has one.
    pub decoder: Option<DecoderStart>,
    /// How many ids the model's embedding has, if that is known.
    pub vocabulary_size: Option<usize>,
}

/// How a decoder begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderStart {
    /// The first id that it reads (`decoder_start_token_id`).
    pub start: u32,
    /// The id that it reads where a label is ignored (`pad_token_id`).
    pub padding: u32,
}

/// Lays examples out as a batch.
///
/// Training asks for its batches in the order of the epoch, but ahead of the step and from a thread of its own; an evaluation
/// may ask for others in between. So what a batch holds must follow from its items alone: numbers drawn at random, say, from
/// their rows and not from a generator that all batches share.
pub trait Collator: Send + Sync {
    /// One batch of all `items`, in their order; `tokenizer` is the trainer's, if it has one.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch>;

    /// The same, for collators that depend on more than the tokenizer; the trainer calls this one.
    ///
    /// # Errors
    /// As [`collate`](Self::collate), which it calls unless a collator says otherwise.
    fn collate_in(&self, items: &[&Item], collation: &Collation<'_>) -> Result<Batch> {
        self.collate(items, collation.tokenizer)
    }

    /// Whether one item can be laid out: a trainer asks for every row before the first step, so that a row with nothing to learn from
    /// is not met in the middle of a run.
    ///
    /// # Errors
    /// What [`collate_in`](Self::collate_in) would say of the row alone; the default says nothing.
    fn check(&self, _item: &Item, _collation: &Collation<'_>) -> Result<()> {
        Ok(())
    }

    /// Whether every token of a conversation is learned, and not its answers alone, so that nobody has to tell which these are.
    fn learns_every_token(&self) -> bool {
        false
    }

    /// The longest row it lays out, in tokens: texts are cut to it when they are tokenised.
    fn max_length(&self) -> Option<usize> {
        None
    }

    /// The longest target of a source, in tokens, where it is not that of a row: texts to write are cut to it.
    fn max_target_length(&self) -> Option<usize> {
        None
    }

    /// The length, in tokens, that it lays a batch out with whose longest row has `longest` tokens.
    ///
    /// Only of a collator that takes rows of any lengths together and lays each out by itself, but for padding: an
    /// evaluation may then put other rows together than those of a batch. `None` (the default) keeps its batches.
    fn padded_length(&self, _longest: usize) -> Option<usize> {
        None
    }
}
