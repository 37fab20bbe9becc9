//! Where the real tokens of a padded batch stand.

use std::sync::OnceLock;

use candle_core::{DType, Device, Tensor};

use super::rotary::RotaryAngles;
use super::settings::Direction;
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};

/// The positions of the real tokens of a batch, `[batch, length]` with padding, and the way to and from one row a token.
///
/// Rows stand in the order of the batch: all tokens of the first sequence, then all of the second.
#[derive(Clone, Debug)]
pub struct TokenLayout {
    /// Sequences.
    batch: usize,
    /// Tokens of a sequence with its padding.
    length: usize,
    /// The type that masks and angles are made in.
    dtype: DType,
    /// The first row of each sequence, and at last how many rows there are.
    offsets: Vec<u32>,
    /// The column of each token, from 0.
    columns: Vec<u32>,
    padding: Option<Padding>,
    on_device: OnDevice,
}

/// What the blocks of a pass compute with, on the device of the batch.
#[derive(Clone, Debug)]
struct OnDevice {
    first_rows: Tensor,
    columns: Tensor,
    /// What is added to the attention's scores: 0 for tokens, a very low number for those that are not seen. Made when the
    /// first block asks; of bidirectional attention `[batch, 1, 1, length]`, of causal `[batch or 1, 1, length, length]`.
    masks: [OnceLock<Tensor>; 2],
    /// With the base and the size of the heads that the first block asked with.
    angles: OnceLock<(f64, usize, RotaryAngles)>,
}

#[derive(Clone, Debug)]
struct Padding {
    /// Whether each place of the padded batch holds a token, `[batch * length]`.
    is_token: Vec<bool>,
    /// For each token its place in the padded batch, `[tokens]`.
    places: Tensor,
    /// For each place of the padded batch the row of its token; for padding any row, `[batch * length]`.
    rows: Tensor,
}

impl TokenLayout {
    /// The layout of a batch of token ids; `dtype`: the type that the model computes in.
    ///
    /// # Errors
    /// If the batch has no `input_ids`, a sequence without any token, or `real_tokens` that are no ascending places.
    pub fn of(batch: &Batch, dtype: DType) -> Result<Self> {
        let input_ids = batch.input_ids()?;
        let (sequences, length) = input_ids.dims2()?;
        let device = input_ids.device();
        let (offsets, columns, padding) = match &batch.real_tokens {
            None => {
                let offsets = (0..=sequences).map(|sequence| (sequence * length) as u32).collect();
                let columns: Vec<u32> = (0..sequences).flat_map(|_| 0..length as u32).collect();
                (offsets, columns, None)
            }
            Some(real) => {
                let offsets = offsets(batch, real, (sequences, length))?;
                let columns = real.iter().map(|place| place % length as u32).collect();
                (offsets, columns, Some(Padding::new(real, sequences * length, device)?))
            }
        };
        let on_device = OnDevice {
            first_rows: Tensor::new(&offsets[..sequences], device)?,
            columns: Tensor::new(columns.as_slice(), device)?,
            masks: Default::default(),
            angles: OnceLock::new(),
        };
        Ok(Self { batch: sequences, length, dtype, offsets, columns, padding, on_device })
    }

    /// Sequences of the batch.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Tokens of a sequence with its padding.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Tokens without padding: the rows of packed tensors.
    pub fn tokens(&self) -> usize {
        self.columns.len()
    }

    /// The first row of each sequence, and at last how many rows there are: the tokens of sequence `i` are the rows
    /// `offsets[i]..offsets[i + 1]`.
    pub fn sequence_offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// As [`columns`](Self::columns), on the host.
    pub fn token_columns(&self) -> &[u32] {
        &self.columns
    }

    /// The column of each token in its sequence, counted with padding, `[tokens]`, `u32`.
    pub fn columns(&self) -> &Tensor {
        &self.on_device.columns
    }

    /// One row for each token, of `[batch, length, …]` with padding.
    pub fn pack(&self, padded: &Tensor) -> Result<Tensor> {
        let flat = padded.flatten(0, 1)?;
        match &self.padding {
            Some(padding) => Ok(flat.index_select(&padding.places, 0)?),
            None => Ok(flat),
        }
    }

    /// `[batch, length, width]` of one row for each token; what stands at padding means nothing.
    pub fn unpack(&self, packed: &Tensor) -> Result<Tensor> {
        let width = packed.dim(1)?;
        let flat = match &self.padding {
            Some(padding) => packed.index_select(&padding.rows, 0)?,
            None => packed.clone(),
        };
        Ok(flat.reshape((self.batch, self.length, width))?)
    }

    /// `[batch, length, width]` of one row for each token, and zeros at padding.
    pub fn unpack_with_zeros(&self, packed: &Tensor) -> Result<Tensor> {
        let (tokens, width) = packed.dims2()?;
        let Some(padding) = &self.padding else { return self.unpack(packed) };
        let mut next = 0;
        let rows = padding.is_token.iter().map(|is_token| {
            let row = if *is_token { next } else { tokens as u32 };
            next += u32::from(*is_token);
            row
        });
        let rows = Tensor::from_vec(rows.collect::<Vec<u32>>(), padding.is_token.len(), packed.device())?;
        let zeros = Tensor::zeros((1, width), packed.dtype(), packed.device())?;
        let flat = Tensor::cat(&[packed, &zeros], 0)?.index_select(&rows, 0)?;
        Ok(flat.reshape((self.batch, self.length, width))?)
    }

    /// The rows of the first token of each sequence, `[batch, width]`.
    pub fn first(&self, packed: &Tensor) -> Result<Tensor> {
        Ok(packed.index_select(&self.on_device.first_rows, 0)?)
    }

    /// Hides padding, and what stands after a token if attention is causal: adds a very low number to scores
    /// `[batch, heads, length, length]`.
    pub(super) fn hide(&self, scores: &Tensor, direction: Direction) -> Result<Tensor> {
        let mask = match (direction, &self.padding) {
            (Direction::Bidirectional, None) => return Ok(scores.clone()),
            (Direction::Bidirectional, Some(_)) => &self.on_device.masks[0],
            (Direction::Causal, _) => &self.on_device.masks[1],
        };
        if let Some(mask) = mask.get() {
            return Ok(scores.broadcast_add(mask)?);
        }
        let made = self.mask(direction)?;
        Ok(scores.broadcast_add(mask.get_or_init(|| made))?)
    }

    /// The angles of rotary positions for every token.
    pub(super) fn rotary_angles(&self, base: f64, head_size: usize) -> Result<RotaryAngles> {
        let device = self.on_device.columns.device();
        let make = || RotaryAngles::new(&self.columns, base, head_size, self.dtype, device);
        match self.on_device.angles.get() {
            Some((known, size, angles)) if (*known, *size) == (base, head_size) => Ok(angles.clone()),
            Some(_) => make(),
            None => {
                let (_, _, angles) = self.on_device.angles.get_or_init({
                    let made = make()?;
                    || (base, head_size, made)
                });
                Ok(angles.clone())
            }
        }
    }

    fn mask(&self, direction: Direction) -> Result<Tensor> {
        let (length, low) = (self.length, lowest(self.dtype));
        let is_token = |place: usize| self.padding.as_ref().is_none_or(|padding| padding.is_token[place]);
        let sequences = if self.padding.is_some() { self.batch } else { 1 };
        let attending = if direction == Direction::Causal { length } else { 1 };
        let mut mask = Vec::with_capacity(sequences * attending * length);
        for sequence in 0..sequences {
            for row in 0..attending {
                let seen = |column: usize| {
                    let before = direction == Direction::Bidirectional || column <= row;
                    before && is_token(sequence * length + column)
                };
                mask.extend((0..length).map(|column| if seen(column) { 0.0 } else { low }));
            }
        }
        let mask = Tensor::from_vec(mask, (sequences, 1, attending, length), &Device::Cpu)?;
        Ok(mask.to_dtype(self.dtype)?.to_device(self.on_device.columns.device())?)
    }
}

impl Padding {
    /// `real`: the places of the tokens, of `places` in all.
    fn new(real: &[u32], places: usize, device: &Device) -> Result<Self> {
        let mut rows = vec![0u32; places];
        let mut is_token = vec![false; places];
        for (row, place) in real.iter().enumerate() {
            rows[*place as usize] = row as u32;
            is_token[*place as usize] = true;
        }
        Ok(Self { is_token, places: Tensor::new(real, device)?, rows: Tensor::new(rows, device)? })
    }
}

/// The first row of each sequence and the number of rows, of the places of the real tokens.
fn offsets(batch: &Batch, real: &[u32], (sequences, length): (usize, usize)) -> Result<Vec<u32>> {
    let ascend = real.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascend || real.last().is_some_and(|last| *last as usize >= sequences * length) {
        let message = format!("`real_tokens` must be ascending places of a batch of {sequences} x {length} tokens");
        return Err(Error::new(ErrorKind::Data, message).help("count `row * length + column` for every token"));
    }
    let mut counts = vec![0u32; sequences];
    for place in real {
        counts[*place as usize / length] += 1;
    }
    if let Some(empty) = counts.iter().position(|count| *count == 0) {
        let row = batch.rows.get(empty).copied().unwrap_or(empty);
        let message = format!("row {row} has no token: its attention mask is all 0");
        return Err(Error::new(ErrorKind::Data, message));
    }
    let mut offsets = vec![0];
    offsets.extend(counts.iter().scan(0, |rows, count| {
        *rows += count;
        Some(*rows)
    }));
    Ok(offsets)
}

/// Half of the lowest number, so that a score added to it stays finite.
pub(super) fn lowest(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MIN / 2.0,
        DType::F16 => -3e4,
        _ => f64::from(f32::MIN) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(real_tokens: Option<Vec<u32>>) -> Result<Batch> {
        let input_ids = Some(Tensor::zeros((2, 4), DType::U32, &Device::Cpu)?);
        Ok(Batch { rows: vec![7, 8], input_ids, real_tokens, ..Batch::default() })
    }

    #[test]
    fn offsets_and_columns_are_those_of_the_tokens() -> Result<()> {
        let padded = TokenLayout::of(&batch(Some(vec![0, 1, 2, 6, 7]))?, DType::F32)?;
        assert_eq!((padded.batch(), padded.length(), padded.tokens()), (2, 4, 5));
        assert_eq!(padded.sequence_offsets(), [0, 3, 5]);
        assert_eq!(padded.token_columns(), [0, 1, 2, 2, 3]);
        assert_eq!(padded.columns().to_vec1::<u32>()?, padded.token_columns());
        let full = TokenLayout::of(&batch(None)?, DType::F32)?;
        assert_eq!(full.sequence_offsets(), [0, 4, 8]);
        assert_eq!(full.token_columns(), [0, 1, 2, 3, 0, 1, 2, 3]);
        Ok(())
    }

    #[test]
    fn what_is_packed_unpacks_to_its_places() -> Result<()> {
        let layout = TokenLayout::of(&batch(Some(vec![0, 1, 2, 6, 7]))?, DType::F32)?;
        let rows = Tensor::arange(0f32, 10.0, &Device::Cpu)?.reshape((5, 2))?;
        let padded = layout.unpack(&rows)?;
        assert_eq!(layout.pack(&padded)?.to_vec2::<f32>()?, rows.to_vec2::<f32>()?);
        assert_eq!(padded.to_vec3::<f32>()?[1][2..], [[6.0, 7.0], [8.0, 9.0]]);
        let zeros = layout.unpack_with_zeros(&rows)?.to_vec3::<f32>()?;
        assert_eq!(zeros[0], [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [0.0, 0.0]]);
        assert_eq!(zeros[1], [[0.0, 0.0], [0.0, 0.0], [6.0, 7.0], [8.0, 9.0]]);
        assert_eq!(layout.first(&rows)?.to_vec2::<f32>()?, [[0.0, 1.0], [6.0, 7.0]]);
        Ok(())
    }

    #[test]
    fn real_tokens_that_do_not_ascend_or_leave_a_row_empty_are_refused() -> Result<()> {
        for (real, words) in [
            (vec![0, 1, 1, 6], "`real_tokens` must be ascending places of a batch of 2 x 4 tokens"),
            (vec![5, 0], "`real_tokens` must be ascending"),
            (vec![0, 8], "`real_tokens` must be ascending"),
            (vec![0, 1], "row 8 has no token"),
        ] {
            let refused = TokenLayout::of(&batch(Some(real))?, DType::F32).err();
            let message = refused.map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(words), "{message}");
        }
        Ok(())
    }

    #[test]
    fn angles_asked_for_with_another_base_are_others() -> Result<()> {
        let layout = TokenLayout::of(&batch(None)?, DType::F32)?;
        let sine =
            |base, size| layout.rotary_angles(base, size)?.sine.flatten_all()?.to_vec1::<f32>().map_err(Error::from);
        let first = sine(10.0, 4)?;
        assert_ne!(first, sine(20.0, 4)?);
        assert_eq!(sine(10.0, 8)?.len(), 2 * first.len());
        assert_eq!(first, sine(10.0, 4)?);
        Ok(())
    }
}
