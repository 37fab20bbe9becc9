//! How much of a batch is learned from: the places that have a label, of all that could.

use std::fmt;
use std::ops::AddAssign;

use candle_core::Tensor;

use super::Batch;
use crate::data::IGNORE;
use crate::error::{Error, ErrorKind, Result};

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
    /// Labels that are no integers, or of another shape than the tokens.
    pub fn of(batch: &Batch) -> Result<Option<Self>> {
        let Some(per_example) = batch.labelled_per_example()? else { return Ok(None) };
        let tokens = match &batch.decoder_attention_mask {
            Some(mask) => mask.flatten_all()?.to_vec1::<u32>()?.iter().filter(|value| **value != 0).count(),
            None => batch.tokens(),
        };
        Ok(Some(Self { labelled: per_example.iter().sum(), tokens }))
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

impl Batch {
    /// How many places of each example have a label, in the order of [`rows`](Self::rows); `None` where labels are not those of
    /// tokens.
    ///
    /// # Errors
    /// Labels that are no integers, or of another shape than the tokens; sequences that are longer than their row.
    pub fn labelled_per_example(&self) -> Result<Option<Vec<usize>>> {
        let places = self.decoder_input_ids.as_ref().or(self.input_ids.as_ref());
        let (Some(labels), Some(places)) = (&self.labels, places) else { return Ok(None) };
        if labels.rank() != 2 || !labels.dtype().is_int() {
            return Ok(None);
        }
        if labels.dims() != places.dims() {
            let message = format!("labels are {:?}, but the tokens that have them {:?}", labels.dims(), places.dims());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let labels = Tensor::to_vec2::<u32>(labels)?;
        let count = |labels: &[u32]| labels.iter().filter(|label| **label != IGNORE).count();
        let Some(lengths) = &self.sequence_lengths else {
            return Ok(Some(labels.iter().map(|row| count(row)).collect()));
        };
        let mut counts = Vec::with_capacity(self.len());
        for (row, lengths) in labels.iter().zip(lengths) {
            let mut rest = row.as_slice();
            for length in lengths {
                let Some((sequence, behind)) = rest.split_at_checked(*length) else {
                    let message = format!("sequences of {lengths:?} tokens lie in a row of {}", row.len());
                    return Err(Error::new(ErrorKind::Shape, message));
                };
                counts.push(count(sequence));
                rest = behind;
            }
        }
        Ok(Some(counts))
    }
}
