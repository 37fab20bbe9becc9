//! Relative positions: a number for each head and distance, added to the scores of attention.
//!
//! What comes in: a table with a row for each range of distances (a bucket). What goes out: what is added to the scores
//! of every pair of columns, the same for all blocks of a pass. It refuses ranges that cannot be told apart.

use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;

use super::settings::{BlockSettings, Direction, Positions};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::{self, Embedding};

/// The table of a model's relative positions, `[buckets, heads]`. The model owns it (in T5 it stands in the first block)
/// and gives its [`scores`](Self::scores) to every block.
///
/// Source: Raffel et al., "Exploring the limits of transfer learning" (2020); `transformers` `T5Attention.compute_bias`.
#[derive(Clone, Debug)]
pub struct RelativeBias {
    table: Embedding,
    buckets: Buckets,
}

/// How distances are shared out among the rows of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Buckets {
    count: usize,
    longest_distance: usize,
    direction: Direction,
}

impl RelativeBias {
    /// The table whose `weight` stands below the builder's prefix, for blocks of these settings.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] if the blocks have no relative positions, or their buckets cannot tell distances apart.
    pub fn new(settings: &BlockSettings, builder: VarBuilder<'_>) -> Result<Self> {
        let Positions::Relative { buckets, longest_distance } = settings.positions else {
            return Err(Error::new(ErrorKind::Model, "these blocks have no relative positions"));
        };
        let buckets = Buckets { count: buckets, longest_distance, direction: settings.direction };
        buckets.check()?;
        let table = nn::embedding(buckets.count, settings.attention_heads, settings.initializer_range, builder)?;
        Ok(Self { table, buckets })
    }

    /// What is added to the scores of sequences of `length` columns, `[1, heads, length, length]`: first the column that
    /// attends, then the one it attends to.
    pub fn scores(&self, length: usize, device: &Device) -> Result<Tensor> {
        let bucket = |place: usize| self.buckets.of((place % length) as i64 - (place / length) as i64) as u32;
        let ids: Vec<u32> = (0..length * length).map(bucket).collect();
        let rows = self.table.forward(&Tensor::new(ids, device)?)?;
        Ok(rows.t()?.contiguous()?.reshape((1, (), length, length))?)
    }
}

impl Buckets {
    /// The rows for one direction.
    fn per_direction(&self) -> usize {
        match self.direction {
            Direction::Bidirectional => self.count / 2,
            Direction::Causal => self.count,
        }
    }

    fn check(&self) -> Result<()> {
        let exact = self.per_direction() / 2;
        if exact == 0 {
            let least = if self.direction == Direction::Causal { 2 } else { 4 };
            let message = format!("`relative_attention_num_buckets` is {}, but must be at least {least}", self.count);
            return Err(Error::new(ErrorKind::Model, message));
        }
        if self.longest_distance <= exact {
            let message = format!(
                "`relative_attention_max_distance` is {}, but the first {exact} distances have a bucket each",
                self.longest_distance
            );
            return Err(Error::new(ErrorKind::Model, message).help(format!("take more than {exact}")));
        }
        Ok(())
    }

    /// The row for a token that stands `distance` columns after the one that attends (before it: negative).
    ///
    /// Half of the rows of a direction are for single distances from 0 on, the others for ranges that grow with the
    /// logarithm. The rows for tokens after the attending one come last; causal attention sees none of these.
    fn of(&self, distance: i64) -> usize {
        let rows = self.per_direction();
        let (first, distance) = match self.direction {
            Direction::Bidirectional if distance > 0 => (rows, distance),
            Direction::Causal if distance > 0 => (0, 0),
            _ => (0, -distance),
        };
        let (distance, exact) = (distance as usize, rows / 2);
        if distance < exact {
            return first + distance;
        }
        // In f32 as the reference computes it: a distance at the edge of two ranges falls on the same side.
        let share = (distance as f32 / exact as f32).ln() / (self.longest_distance as f64 / exact as f64).ln() as f32;
        let range = (share * (rows - exact) as f32) as usize;
        first + (exact + range).min(rows - 1)
    }
}
