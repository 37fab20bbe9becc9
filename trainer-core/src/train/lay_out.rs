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

    /// The items as one batch, in an epoch or in an evaluation.
    pub(crate) fn batch(&self, items: &[&Item], epoch: Option<u32>) -> Result<Batch> {
        let Self { seed, decoder, vocabulary_size, .. } = *self;
        let tokenizer = self.tokenizer.as_ref();
        self.collator.collate_in(items, &Collation { tokenizer, seed, epoch, decoder, vocabulary_size })
    }
}

#[cfg(test)]
impl LayOut {
    /// A collator for itself.
    pub(crate) fn of(collator: Arc<dyn Collator>) -> Self {
        Self { collator, tokenizer: None, seed: 0, decoder: None, vocabulary_size: None }
    }
}
