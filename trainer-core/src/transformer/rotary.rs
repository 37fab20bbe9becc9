//! Rotary positions on packed rows.

use candle_core::{DType, Device, Tensor};

use crate::error::Result;
use crate::nn;

/// The cosine and sine of the angles of every token, `[tokens, 1, head_size / 2]` each.
#[derive(Clone, Debug)]
pub(super) struct RotaryAngles {
    pub(super) cosine: Tensor,
    pub(super) sine: Tensor,
}

impl RotaryAngles {
    pub(super) fn new(columns: &[u32], base: f64, head_size: usize, dtype: DType, device: &Device) -> Result<Self> {
        let half = head_size / 2;
        let (cosine, sine) = cosine_and_sine(columns, base, head_size);
        let tensor = |values| -> Result<Tensor> {
            let values = Tensor::from_vec(values, (columns.len(), 1, half), &Device::Cpu)?;
            Ok(values.to_dtype(dtype)?.to_device(device)?)
        };
        Ok(Self { cosine: tensor(cosine)?, sine: tensor(sine)? })
    }
}

/// The cosine and the sine of `column · base^(-2 i / head_size)`, `head_size / 2` numbers for each column.
///
/// The angles are rounded to `f32`, whatever the model computes in: far from the start of a sequence the rounding is
/// seen, and published models were trained with it.
///
/// Source: `transformers` `LlamaRotaryEmbedding`.
pub(super) fn cosine_and_sine(columns: &[u32], base: f64, head_size: usize) -> (Vec<f32>, Vec<f32>) {
    let frequencies: Vec<f32> =
        (0..head_size / 2).map(|pair| base.powf(-((2 * pair) as f64) / head_size as f64) as f32).collect();
    let angles = columns.iter().flat_map(|column| frequencies.iter().map(move |step| *column as f32 * step));
    angles.map(|angle| (angle.cos(), angle.sin())).unzip()
}

/// Every head of `packed`, `[tokens, heads · head_size]`, turned by the angles of its token.
pub(super) fn turned(packed: &Tensor, head_size: usize, angles: &RotaryAngles) -> Result<Tensor> {
    let (tokens, width) = packed.dims2()?;
    let heads = packed.reshape((tokens, width / head_size, head_size))?;
    Ok(nn::rope(&heads, &angles.cosine, &angles.sine)?.reshape((tokens, width))?)
}
