//! Where the real tokens of a padded batch stand, and which of them see each other.

use std::sync::OnceLock;

use candle_core::{DType, Device, Tensor};

use super::rotary::RotaryAngles;
use super::settings::{Direction, Rotary};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};

/// The positions of the real tokens of a batch, `[batch, length]` with padding, and the way to and from one row a token.
///
/// Rows stand in the order of the batch: all tokens of the first sequence, then all of the second. Where several sequences lie in a
/// row of the batch ([`Batch::sequence_lengths`]), each begins at column 0, and its tokens see no other sequence.
#[derive(Clone, Debug)]
pub struct TokenLayout {
    /// Rows of the batch.
    batch: usize,
    /// Tokens of a row with its padding.
    length: usize,
    /// The type that masks and angles are made in.
    dtype: DType,
    /// The first row of each sequence, and at last how many rows there are.
    offsets: Vec<u32>,
    /// The column of each token, from 0.
    columns: Vec<u32>,
    /// The place of the first token of each sequence in the padded batch.
    first_places: Vec<u32>,
    /// Where several sequences may lie in a row: the sequence at each place of the padded batch, `[batch * length]`; at padding any.
    sequences: Option<Vec<u32>>,
    padding: Option<Padding>,
    on_device: OnDevice,
}

/// Where the sequences of a batch begin and end.
struct Sequences {
    offsets: Vec<u32>,
    columns: Vec<u32>,
    first_places: Vec<u32>,
    of_places: Option<Vec<u32>>,
}

/// What the blocks of a pass compute with, on the device of the batch.
#[derive(Clone, Debug)]
struct OnDevice {
    first_rows: Tensor,
    columns: Tensor,
    /// What is added to the attention's scores: 0 for tokens, a very low number for those that are not seen. Made when the
    /// first block asks; of bidirectional attention `[batch, 1, 1, length]`, of causal and where several sequences lie in a row
    /// `[batch or 1, 1, length, length]`.
    masks: [OnceLock<Tensor>; 2],
    /// With the base and the size of the heads that the first block asked with.
    angles: OnceLock<(Rotary, usize, RotaryAngles)>,
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
    /// If the batch has no `input_ids`, a sequence without any token, `real_tokens` that are no ascending places, an attention
    /// mask of another shape, or `sequence_lengths` that are not those of the tokens of each row.
    pub fn of(batch: &Batch, dtype: DType) -> Result<Self> {
        let input_ids = batch.input_ids()?;
        let (rows, length) = input_ids.dims2()?;
        let device = input_ids.device();
        let real = batch.places_of_tokens()?;
        let padding = match &real {
            None => None,
            Some(real) => {
                ascend(real, (rows, length))?;
                Some(Padding::new(real, rows * length, device)?)
            }
        };
        let sequences = match &batch.sequence_lengths {
            None => Sequences::of_rows(batch, real.as_deref(), (rows, length))?,
            Some(lengths) => Sequences::of_lengths(lengths, real.as_deref(), (rows, length))?,
        };
        let Sequences { offsets, columns, first_places, of_places } = sequences;
        let on_device = OnDevice {
            first_rows: Tensor::new(&offsets[..offsets.len() - 1], device)?,
            columns: Tensor::new(columns.as_slice(), device)?,
            masks: Default::default(),
            angles: OnceLock::new(),
        };
        Ok(Self {
            batch: rows,
            length,
            dtype,
            offsets,
            columns,
            first_places,
            sequences: of_places,
            padding,
            on_device,
        })
    }

    /// Rows of the batch: its sequences, unless several lie in a row.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Tokens of a row with its padding.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Sequences, however many lie in a row.
    pub fn sequences(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many positions the sequences take: the largest column of a token, and one. A model compares it with those it has.
    pub fn positions(&self) -> usize {
        self.columns.iter().max().map_or(0, |column| *column as usize + 1)
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

    /// The place of the first token of each sequence in the padded batch, `row * length + column`.
    pub(super) fn first_places(&self) -> &[u32] {
        &self.first_places
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

    /// `[batch, length, width]` of one row for each token, laid out as the batch is: where several sequences lie in a row of it, they do
    /// so here. What stands at padding means nothing.
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

    /// The rows of the first token of each sequence, `[sequences, width]`.
    pub fn first(&self, packed: &Tensor) -> Result<Tensor> {
        Ok(packed.index_select(&self.on_device.first_rows, 0)?)
    }

    /// Hides padding, other sequences, and what stands after a token if attention is causal: adds a very low number to scores
    /// `[batch, heads, length, length]`.
    pub(super) fn hide(&self, scores: &Tensor, direction: Direction) -> Result<Tensor> {
        let mask = match direction {
            Direction::Bidirectional if self.padding.is_none() && self.sequences.is_none() => return Ok(scores.clone()),
            Direction::Bidirectional => &self.on_device.masks[0],
            Direction::Causal => &self.on_device.masks[1],
        };
        if let Some(mask) = mask.get() {
            return Ok(scores.broadcast_add(mask)?);
        }
        let made = self.mask(direction)?;
        Ok(scores.broadcast_add(mask.get_or_init(|| made))?)
    }

    /// The angles of rotary positions for every token.
    pub(super) fn rotary_angles(&self, rotary: Rotary, head_size: usize) -> Result<RotaryAngles> {
        let device = self.on_device.columns.device();
        let make = || RotaryAngles::new(&self.columns, rotary, head_size, self.dtype, device);
        match self.on_device.angles.get() {
            Some((known, size, angles)) if (*known, *size) == (rotary, head_size) => Ok(angles.clone()),
            Some(_) => make(),
            None => {
                let (_, _, angles) = self.on_device.angles.get_or_init({
                    let made = make()?;
                    || (rotary, head_size, made)
                });
                Ok(angles.clone())
            }
        }
    }

    fn mask(&self, direction: Direction) -> Result<Tensor> {
        let (length, low) = (self.length, lowest(self.dtype));
        let is_token = |place: usize| self.padding.as_ref().is_none_or(|padding| padding.is_token[place]);
        let together = |one: usize, other: usize| self.sequences.as_ref().is_none_or(|of| of[one] == of[other]);
        let rows = if self.padding.is_some() || self.sequences.is_some() { self.batch } else { 1 };
        let is_one_for_all = direction == Direction::Bidirectional && self.sequences.is_none();
        let attending = if is_one_for_all { 1 } else { length };
        let mut mask = Vec::with_capacity(rows * attending * length);
        for row in 0..rows {
            for from in 0..attending {
                let seen = |column: usize| {
                    let before = direction == Direction::Bidirectional || column <= from;
                    let place = row * length + column;
                    before && is_token(place) && together(row * length + from, place)
                };
                mask.extend((0..length).map(|column| if seen(column) { 0.0 } else { low }));
            }
        }
        let mask = Tensor::from_vec(mask, (rows, 1, attending, length), &Device::Cpu)?;
        Ok(mask.to_dtype(self.dtype)?.to_device(self.on_device.columns.device())?)
    }
}

impl Sequences {
    /// Each row of the batch is one.
    fn of_rows(batch: &Batch, real: Option<&[u32]>, (rows, length): (usize, usize)) -> Result<Self> {
        let Some(real) = real else {
            let offsets: Vec<u32> = (0..=rows).map(|row| (row * length) as u32).collect();
            let columns = (0..rows).flat_map(|_| 0..length as u32).collect();
            return Ok(Self { first_places: offsets[..rows].to_vec(), offsets, columns, of_places: None });
        };
        let mut counts = vec![0u32; rows];
        for place in real {
            counts[*place as usize / length] += 1;
        }
        if let Some(empty) = counts.iter().position(|count| *count == 0) {
            let row = batch.rows.get(empty).copied().unwrap_or(empty);
            return Err(Error::new(ErrorKind::Data, format!("row {row} has no token: its attention mask is all 0")));
        }
        let offsets = running_sums(counts.iter().copied());
        let first_places = offsets[..rows].iter().map(|offset| real[*offset as usize]).collect();
        Ok(Self {
            offsets,
            columns: real.iter().map(|place| place % length as u32).collect(),
            first_places,
            of_places: None,
        })
    }

    /// Each row of the batch has sequences of these lengths, from its first column on, and nothing but padding behind them.
    fn of_lengths(lengths: &[Vec<usize>], real: Option<&[u32]>, (rows, length): (usize, usize)) -> Result<Self> {
        let fits = |row: &Vec<usize>| !row.contains(&0) && (1..=length).contains(&row.iter().sum());
        if lengths.len() != rows || !lengths.iter().all(fits) {
            let message = format!("`sequence_lengths` are {lengths:?}, which no {rows} rows of {length} tokens have");
            return Err(Error::new(ErrorKind::Data, message)
                .help("give each row the lengths of its sequences, at least one, from its first column on"));
        }
        let used = |row: usize| lengths[row].iter().sum::<usize>();
        let mut tokens = (0..rows).flat_map(|row| (0..used(row)).map(move |column| (row * length + column) as u32));
        let is_whole = match real {
            Some(real) => real.iter().copied().eq(tokens),
            None => tokens.by_ref().count() == rows * length,
        };
        if !is_whole {
            let message = "`real_tokens` are not those that `sequence_lengths` count";
            return Err(
                Error::new(ErrorKind::Data, message).help("sequences lie one after another, and padding behind them")
            );
        }
        let all = || lengths.iter().flatten().map(|length| *length as u32);
        let (mut first_places, mut of_places) = (Vec::new(), vec![0; rows * length]);
        for (row, lengths) in lengths.iter().enumerate() {
            let mut place = row * length;
            for length in lengths {
                of_places[place..place + length].fill(first_places.len() as u32);
                first_places.push(place as u32);
                place += length;
            }
        }
        let columns = all().flat_map(|length| 0..length).collect();
        Ok(Self { offsets: running_sums(all()), columns, first_places, of_places: Some(of_places) })
    }
}

/// 0, then the sum up to and with each number.
fn running_sums(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sums = vec![0];
    sums.extend(numbers.scan(0, |sum, number| {
        *sum += number;
        Some(*sum)
    }));
    sums
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

/// The places of the real tokens are ascending ones of the batch.
fn ascend(real: &[u32], (rows, length): (usize, usize)) -> Result<()> {
    let ascend = real.windows(2).all(|pair| pair[0] < pair[1]);
    if ascend && real.last().is_none_or(|last| (*last as usize) < rows * length) {
        return Ok(());
    }
    let message = format!("`real_tokens` must be ascending places of a batch of {rows} x {length} tokens");
    Err(Error::new(ErrorKind::Data, message).help("count `row * length + column` for every token"))
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
mod tests;
