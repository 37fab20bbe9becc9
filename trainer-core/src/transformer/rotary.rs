//! Rotary positions on packed rows.

use std::f64::consts::TAU;

use candle_core::{DType, Device, Tensor};

use super::settings::{Rotary, RotaryScaling};
use crate::error::Result;
use crate::nn;

/// The cosine and sine of the angles of every token, `[tokens, 1, head_size / 2]` each.
#[derive(Clone, Debug)]
pub(super) struct RotaryAngles {
    pub(super) cosine: Tensor,
    pub(super) sine: Tensor,
}

impl RotaryAngles {
    pub(super) fn new(
        columns: &[u32],
        rotary: Rotary,
        head_size: usize,
        dtype: DType,
        device: &Device,
    ) -> Result<Self> {
        let half = head_size / 2;
        let (cosine, sine) = cosine_and_sine(columns, rotary, head_size);
        let tensor = |values| -> Result<Tensor> {
            let values = Tensor::from_vec(values, (columns.len(), 1, half), &Device::Cpu)?;
            Ok(values.to_dtype(dtype)?.to_device(device)?)
        };
        Ok(Self { cosine: tensor(cosine)?, sine: tensor(sine)? })
    }
}

/// The cosine and the sine of `column · base^(-2 i / head_size)`, scaled, `head_size / 2` numbers for each column.
///
/// The angles are rounded to `f32`, whatever the model computes in: far from the start of a sequence the rounding is
/// seen, and published models were trained with it.
///
/// Source: `transformers` `LlamaRotaryEmbedding`.
pub(super) fn cosine_and_sine(columns: &[u32], rotary: Rotary, head_size: usize) -> (Vec<f32>, Vec<f32>) {
    let frequencies: Vec<f32> = (0..head_size / 2)
        .map(|pair| rotary.base.powf(-((2 * pair) as f64) / head_size as f64) as f32)
        .map(|frequency| rotary.scaling.of(f64::from(frequency)) as f32)
        .collect();
    let angles = columns.iter().flat_map(|column| frequencies.iter().map(move |step| *column as f32 * step));
    angles.map(|angle| (angle.cos(), angle.sin())).unzip()
}

impl RotaryScaling {
    /// How far a pair turns from one token to the next that turned by `frequency` before.
    fn of(self, frequency: f64) -> f64 {
        match self {
            Self::None => frequency,
            Self::Linear { factor } => frequency / factor,
            Self::Llama3 { factor, low_frequency_factor, high_frequency_factor, original_positions } => {
                let waves = original_positions * frequency / TAU;
                let between = high_frequency_factor - low_frequency_factor;
                let share = ((waves - low_frequency_factor) / between).clamp(0.0, 1.0);
                (1.0 - share) * frequency / factor + share * frequency
            }
        }
    }
}

/// Every head of `packed`, `[tokens, heads · head_size]`, turned by the angles of its token.
pub(super) fn turned(packed: &Tensor, head_size: usize, angles: &RotaryAngles) -> Result<Tensor> {
    let (tokens, width) = packed.dims2()?;
    let heads = packed.reshape((tokens, width / head_size, head_size))?;
    Ok(nn::rope(&heads, &angles.cosine, &angles.sine)?.reshape((tokens, width))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a pair turns from one token to the next, of heads of 16 numbers.
    fn frequencies(rotary: Rotary) -> Vec<f32> {
        let (cosine, sine) = cosine_and_sine(&[1], rotary, 16);
        cosine.into_iter().zip(sine).map(|(cosine, sine)| sine.atan2(cosine)).collect()
    }

    fn agree(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6 * expected, "{found}, expected {expected}");
        }
    }

    /// The figures are those of `tests/fixtures/rope/cases.json`.
    #[test]
    fn scaled_frequencies_are_those_of_transformers() {
        let linear = Rotary { base: 1e4, scaling: RotaryScaling::Linear { factor: 2.5 } };
        let expected = [0.4, 0.1264911, 0.04, 0.012649111, 0.004, 0.0012649111, 0.00040000002, 0.00012649111];
        agree(&frequencies(linear), &expected);
        let scaling = RotaryScaling::Llama3 {
            factor: 8.0,
            low_frequency_factor: 1.0,
            high_frequency_factor: 4.0,
            original_positions: 16.0,
        };
        let expected = [
            0.576_056_36,
            0.080_422_91,
            0.026_434_28,
            0.012_156_156,
            0.005_590_17,
            0.002_570_714,
            0.001_182_177,
            0.000_543_639_8,
        ];
        agree(&frequencies(Rotary { base: 500.0, scaling }), &expected);
    }
}
