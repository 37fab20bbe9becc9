//! What lays the items of a trainer out: its collator, with what that depends on.

use std::sync::Arc;

use crate::collate::{Batch, Collation, Collator, DecoderStart, Item};
use crate::error::Result;
use crate::model::Model;
use crate::text::Tokenizer;

/// A collator with what it depends on; cloning is cheap.
#[derive(Clone)]
pub(crate) struct LayOut {
    pub(crate) collator: Arc<dyn Collator>,
    tokenizer: Option<Tokenizer>,
    seed: u64,
    decoder: Option<DecoderStart>,
    vocabulary_size: Option<usize>,
}

impl LayOut {
    /// The collator of a trainer with this model and tokenizer, and the run's seed.
    pub(crate) fn new(
        collator: Arc<dyn Collator>,
        model: &impl Model,
        tokenizer: Option<&Tokenizer>,
        seed: u64,
    ) -> Self {
        let (decoder, vocabulary_size) = (model.decoder_start(), model.vocabulary_size());
        Self { collator, tokenizer: tokenizer.cloned(), seed, decoder, vocabulary_size }
    }

    /// The trainer's tokenizer.
    pub(crate) fn tokenizer(&self) -> Option<&Tokenizer> {
        self.tokenizer.as_ref()
    }

    /// Whether an item can be laid out, which its collator knows.
    pub(crate) fn check(&self, item: &Item) -> Result<()> {
        self.collator.check(item, &self.collation(None))
    }

    /// The items as one batch, in an epoch or in an evaluation.
    pub(crate) fn batch(&self, items: &[&Item], epoch: Option<u32>) -> Result<Batch> {
        self.collator.collate_in(items, &self.collation(epoch))
    }

    fn collation(&self, epoch: Option<u32>) -> Collation<'_> {
        let Self { seed, decoder, vocabulary_size, .. } = *self;
        Collation { tokenizer: self.tokenizer.as_ref(), seed, epoch, decoder, vocabulary_size }
    }
}

#[cfg(test)]
impl LayOut {
    /// A collator for itself.
    pub(crate) fn of(collator: Arc<dyn Collator>) -> Self {
        Self { collator, tokenizer: None, seed: 0, decoder: None, vocabulary_size: None }
    }
}
