//! Where the real tokens of a padded batch stand.

use candle_core::{DType, Device, Tensor};

use crate::collate::Batch;
use crate::error::Result;

/// The positions of the real tokens of a batch, `[batch, length]` with padding, and the way to and from one row a token.
#[derive(Clone, Debug)]
pub struct TokenLayout {
    /// Sequences.
    batch: usize,
    /// Tokens of a sequence with its padding.
    length: usize,
    padding: Option<Padding>,
    /// The row of the first token of each sequence.
    first_rows: Tensor,
    /// The column of each token, from 0.
    columns: Tensor,
}

#[derive(Clone, Debug)]
struct Padding {
    /// For each token its place in the padded batch, `[tokens]`.
    places: Tensor,
    /// For each place of the padded batch the row of its token; for padding any row, `[batch * length]`.
    rows: Tensor,
    /// What is added to the attention's scores: 0 for tokens, the lowest number for padding, `[batch, 1, 1, length]`.
    mask: Tensor,
}

impl TokenLayout {
    /// The layout of a batch of token ids.
    ///
    /// # Errors
    /// If the batch has no `input_ids`, or a sequence without any token.
    pub fn of(batch: &Batch, dtype: DType) -> Result<Self> {
        let input_ids = batch.input_ids()?;
        let (sequences, length) = input_ids.dims2()?;
        let device = input_ids.device();
        let Some(real) = &batch.real_tokens else {
            let first_rows: Vec<u32> = (0..sequences).map(|sequence| (sequence * length) as u32).collect();
            let columns: Vec<u32> = (0..sequences).flat_map(|_| 0..length as u32).collect();
            return Ok(Self {
                batch: sequences,
                length,
                padding: None,
                first_rows: Tensor::new(first_rows, device)?,
                columns: Tensor::new(columns, device)?,
            });
        };
        let mut rows = vec![0u32; sequences * length];
        let mut mask = vec![lowest(dtype); sequences * length];
        let mut first_rows = vec![None; sequences];
        for (row, place) in real.iter().enumerate() {
            let place = *place as usize;
            rows[place] = row as u32;
            mask[place] = 0.0;
            first_rows[place / length].get_or_insert(row as u32);
        }
        let first_rows = first_rows.into_iter().enumerate().map(|(sequence, row)| {
            row.ok_or_else(|| {
                let row = batch.rows.get(sequence).copied().unwrap_or(sequence);
                crate::Error::new(
                    crate::ErrorKind::Data,
                    format!("row {row} has no token: its attention mask is all 0"),
                )
            })
        });
        let first_rows = first_rows.collect::<Result<Vec<u32>>>()?;
        let columns: Vec<u32> = real.iter().map(|place| place % length as u32).collect();
        let padding = Padding {
            places: Tensor::new(real.as_slice(), device)?,
            rows: Tensor::new(rows, device)?,
            mask: Tensor::from_vec(mask, (sequences, 1, 1, length), &Device::Cpu)?
                .to_dtype(dtype)?
                .to_device(device)?,
        };
        Ok(Self {
            batch: sequences,
            length,
            padding: Some(padding),
            first_rows: Tensor::new(first_rows, device)?,
            columns: Tensor::new(columns, device)?,
        })
    }

    /// The column of each token in its sequence, `[tokens]`, `u32`.
    pub fn columns(&self) -> &Tensor {
        &self.columns
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

    /// The rows of the first token of each sequence, `[batch, width]`.
    pub fn first(&self, packed: &Tensor) -> Result<Tensor> {
        Ok(packed.index_select(&self.first_rows, 0)?)
    }

    /// Hides padding from attention: adds the lowest number to scores `[batch, heads, length, length]`.
    pub(super) fn hide_padding(&self, scores: &Tensor) -> Result<Tensor> {
        match &self.padding {
            Some(padding) => Ok(scores.broadcast_add(&padding.mask)?),
            None => Ok(scores.clone()),
        }
    }
}

/// Half of the lowest number, so that a score added to it stays finite.
fn lowest(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MIN / 2.0,
        DType::F16 => -3e4,
        _ => f64::from(f32::MIN) / 2.0,
    }
}
