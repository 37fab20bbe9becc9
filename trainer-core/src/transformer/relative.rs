//! Relative positions: a number for each head and distance, added to the scores of attention.
//!
//! What comes in: a table with a row for each range of distances (a bucket). What goes out: what is added to the scores
//! of every pair of columns, the same for all blocks of a pass. It refuses ranges that cannot be told apart.

use std::ops::Range;

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
        self.scores_of(0..length, length, device)
    }

    /// The same for some of the attending columns, `[1, heads, attending, length]`: those of new tokens after others.
    pub fn scores_of(&self, attending: Range<usize>, length: usize, device: &Device) -> Result<Tensor> {
        let count = attending.len();
        let ids = attending.flat_map(|column| (0..length).map(move |place| (column, place)));
        let ids: Vec<u32> = ids.map(|(column, place)| self.buckets.of(column, place) as u32).collect();
        let rows = self.table.forward(&Tensor::new(ids, device)?)?;
        Ok(rows.t()?.contiguous()?.reshape((1, (), count, length))?)
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

    /// The row for the column `attending` and the column that it attends to.
    ///
    /// Half of the rows of a direction are for single distances from 0 on, the others for ranges that grow with the
    /// logarithm. The rows for tokens after the attending one come last; causal attention sees none of these.
    fn of(&self, attending: usize, attended: usize) -> usize {
        let rows = self.per_direction();
        let (first, distance) = match self.direction {
            Direction::Bidirectional if attended > attending => (rows, attended - attending),
            _ => (0, attending.saturating_sub(attended)),
        };
        let exact = rows / 2;
        if distance < exact {
            return first + distance;
        }
        // In f32 as the reference computes it: a distance at the edge of two ranges falls on the same side.
        let share = (distance as f32 / exact as f32).ln() / (self.longest_distance as f64 / exact as f64).ln() as f32;
        let range = (share * (rows - exact) as f32) as usize;
        first + (exact + range).min(rows - 1)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::DType;

    use super::*;
    use crate::tensor::params::Parameters;

    /// The first distance of each row of a direction, computed with `T5Attention._relative_position_bucket` for distances
    /// up to 2000.
    const BOTH_32: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];
    const BEHIND_32: &[usize] = &[
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87,
        99, 113,
    ];
    const BOTH_8: &[usize] = &[0, 1, 2, 4];
    const BEHIND_8: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7];
    const BOTH_20: &[usize] = &[0, 1, 2, 3, 4, 5, 10, 17, 31, 55];

    #[test]
    fn buckets_are_those_of_transformers() {
        for (count, longest_distance, direction, first) in [
            (32, 128, Direction::Bidirectional, BOTH_32),
            (32, 128, Direction::Causal, BEHIND_32),
            (8, 7, Direction::Bidirectional, BOTH_8),
            (8, 7, Direction::Causal, BEHIND_8),
            (20, 100, Direction::Bidirectional, BOTH_20),
        ] {
            let buckets = Buckets { count, longest_distance, direction };
            for distance in 0..2000usize {
                let row = first.iter().rposition(|start| *start <= distance).unwrap_or_default();
                assert_eq!(buckets.of(distance, 0), row, "{buckets:?}, {distance} before");
                let ahead = match direction {
                    Direction::Bidirectional if distance > 0 => count / 2 + row,
                    _ => 0,
                };
                assert_eq!(buckets.of(0, distance), ahead, "{buckets:?}, {distance} after");
            }
        }
    }

    #[test]
    fn scores_stand_by_head_then_by_attending_column() -> Result<()> {
        let settings = settings(4, 3, Direction::Bidirectional);
        let parameters = Parameters::with_dtype(&Device::Cpu, DType::F64, 1);
        let relative = RelativeBias::new(&settings, parameters.builder())?;
        let table = Tensor::new(&[[0.0f64, 100.0], [1.0, 101.0], [2.0, 102.0], [3.0, 103.0]], &Device::Cpu)?;
        parameters.list()[0].variable.set(&table)?;
        let scores = relative.scores(3, &Device::Cpu)?;
        assert_eq!(scores.dims(), [1, 2, 3, 3]);
        let scores = scores.squeeze(0)?.to_vec3::<f64>()?;
        assert_eq!(scores[0], [[0.0, 3.0, 3.0], [1.0, 0.0, 3.0], [1.0, 1.0, 0.0]]);
        assert_eq!(scores[1], [[100.0, 103.0, 103.0], [101.0, 100.0, 103.0], [101.0, 101.0, 100.0]]);
        Ok(())
    }

    #[test]
    fn buckets_that_cannot_tell_distances_apart_are_refused() {
        for (buckets, longest, direction, words) in [
            (3, 9, Direction::Bidirectional, "`relative_attention_num_buckets` is 3, but must be at least 4"),
            (1, 9, Direction::Causal, "`relative_attention_num_buckets` is 1, but must be at least 2"),
            (8, 2, Direction::Bidirectional, "`relative_attention_max_distance` is 2, but the first 2 distances"),
        ] {
            let parameters = Parameters::new(&Device::Cpu, 1);
            let refused = RelativeBias::new(&settings(buckets, longest, direction), parameters.builder());
            let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(words), "{message}");
        }
    }

    fn settings(buckets: usize, longest_distance: usize, direction: Direction) -> BlockSettings {
        use super::super::settings::{Biases, FeedForward, NormKind, NormPlace};
        BlockSettings {
            hidden_size: 4,
            attention_heads: 2,
            key_value_heads: 2,
            head_size: 2,
            intermediate_size: 4,
            feed_forward: FeedForward::Plain,
            activation: crate::tensor::Activation::Relu,
            norm: NormKind::RmsNorm,
            norm_place: NormPlace::Before,
            norm_epsilon: 1e-6,
            positions: Positions::Relative { buckets, longest_distance },
            direction,
            attention_scale: 1.0,
            biases: Biases::NONE,
            attention_dropout: 0.0,
            hidden_dropout: 0.0,
            inner_dropout: 0.0,
            initializer_range: 0.02,
        }
    }
}
