//! How much of a batch is learned from: the places that have a label, of all that could.

use std::fmt;
use std::ops::AddAssign;

use super::Batch;
use crate::error::Result;

/// Tokens that have a label, of all tokens: of a model with a decoder those that it writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supervision {
    /// Tokens that have a label which counts.
    pub labelled: usize,
    /// Tokens without padding.
    pub tokens: usize,
}

impl Supervision {
    /// That of a batch; `None` where labels are not those of tokens.
    ///
    /// # Errors
    /// As candle where numbers cannot be read from the device of the batch.
    pub fn of(batch: &Batch) -> Result<Option<Self>> {
        let Some(labels) = batch.labels.as_ref().filter(|labels| labels.dtype().is_int()) else { return Ok(None) };
        let places = batch.decoder_input_ids.as_ref().or(batch.input_ids.as_ref());
        if places.is_none_or(|places| places.dims() != labels.dims()) {
            return Ok(None);
        }
        let tokens = match &batch.decoder_attention_mask {
            Some(mask) => mask.flatten_all()?.to_vec1::<u32>()?.iter().filter(|value| **value != 0).count(),
            None => batch.tokens(),
        };
        Ok(Some(Self { labelled: batch.labels_of_examples()?.iter().sum(), tokens }))
    }
}

impl AddAssign for Supervision {
    fn add_assign(&mut self, other: Self) {
        self.labelled += other.labelled;
        self.tokens += other.tokens;
    }
}

impl fmt::Display for Supervision {
    /// Such as `150 of 1000 tokens (15.0 %)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.labelled as f64 / self.tokens.max(1) as f64;
        write!(f, "{} of {} tokens ({share:.1} %)", self.labelled, self.tokens)
    }
}
