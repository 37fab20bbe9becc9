//! The backward pass of norms in two halves, for callers that share each among threads in their own way: the gradient of
//! the input, row by row, and those of the parameters, column by column.

#![expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]

use super::simd::{LANES, dispatch, dot, sum, sum_of_lanes};

/// The gradient of a layer norm's input from what its forward pass wrote to `means` and `scales`, on this thread.
pub(crate) fn layer_norm_input_gradient(
    input: &[f32],
    means: &[f32],
    scales: &[f32],
    weight: &[f32],
    gradient: &[f32],
    output: &mut [f32],
) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    assert!(input.len() == means.len() * weight.len() && means.len() == scales.len());
    dispatch!(layer_norm_input((input, means, scales, weight, gradient, &mut *output)));
}

/// The gradient of a root-mean-square norm's input from what its forward pass wrote to `scales`, on this thread.
pub(crate) fn rms_norm_input_gradient(
    input: &[f32],
    scales: &[f32],
    weight: &[f32],
    gradient: &[f32],
    output: &mut [f32],
) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    assert_eq!(input.len(), scales.len() * weight.len());
    dispatch!(rms_norm_input((input, scales, weight, gradient, &mut *output)));
}

/// Adds what a row gives to the gradients of some columns of a norm's weight and bias; either may be left out by giving no
/// numbers for it. `mean` is 0 for a norm without.
pub(crate) fn norm_weight_gradient(
    input: &[f32],
    (mean, scale): (f32, f32),
    gradient: &[f32],
    of_weight: &mut [f32],
    of_bias: &mut [f32],
) {
    assert!(of_weight.is_empty() || (input.len() == of_weight.len() && gradient.len() == of_weight.len()));
    assert!(of_bias.is_empty() || gradient.len() == of_bias.len());
    dispatch!(of_columns((input, mean, scale, gradient, &mut *of_weight, &mut *of_bias)));
}

/// Input, means, scales, weight, gradient, output.
type LayerNormInput<'a> = (&'a [f32], &'a [f32], &'a [f32], &'a [f32], &'a [f32], &'a mut [f32]);

#[inline(always)]
fn layer_norm_input((input, means, scales, weight, gradient, output): LayerNormInput<'_>) {
    let columns = weight.len();
    let rows = input.chunks_exact(columns).zip(gradient.chunks_exact(columns)).zip(output.chunks_exact_mut(columns));
    for (((row, gradient), out), (mean, scale)) in rows.zip(means.iter().zip(scales)) {
        for ((out, g), w) in out.iter_mut().zip(gradient).zip(weight) {
            *out = g * w;
        }
        let mean_gradient = sum(out) / columns as f32;
        let mean_normal = dot_centred(out, row, *mean) * scale / columns as f32;
        for (out, x) in out.iter_mut().zip(row) {
            let normal = (x - mean) * scale;
            *out = scale * (*out - mean_gradient - normal * mean_normal);
        }
    }
}

/// The sum of `values * (row - mean)`.
#[inline(always)]
fn dot_centred(values: &[f32], row: &[f32], mean: f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    let (row_chunks, row_rest) = row.as_chunks::<LANES>();
    for (values, row) in chunks.iter().zip(row_chunks) {
        for ((lane, value), x) in lanes.iter_mut().zip(values).zip(row) {
            *lane += value * (x - mean);
        }
    }
    for ((lane, value), x) in lanes.iter_mut().zip(rest).zip(row_rest) {
        *lane += value * (x - mean);
    }
    sum_of_lanes(lanes)
}

/// Input, scales, weight, gradient, output.
type RmsNormInput<'a> = (&'a [f32], &'a [f32], &'a [f32], &'a [f32], &'a mut [f32]);

#[inline(always)]
fn rms_norm_input((input, scales, weight, gradient, output): RmsNormInput<'_>) {
    let columns = weight.len();
    let rows = input.chunks_exact(columns).zip(gradient.chunks_exact(columns)).zip(output.chunks_exact_mut(columns));
    for (((row, gradient), out), scale) in rows.zip(scales) {
        for ((out, g), w) in out.iter_mut().zip(gradient).zip(weight) {
            *out = g * w;
        }
        let mean = dot(out, row) * scale * scale / columns as f32;
        for (out, x) in out.iter_mut().zip(row) {
            *out = scale * (*out - x * mean);
        }
    }
}

/// Input, mean, scale, gradient, and the sums of weight and bias.
type Columns<'a> = (&'a [f32], f32, f32, &'a [f32], &'a mut [f32], &'a mut [f32]);

#[inline(always)]
fn of_columns((input, mean, scale, gradient, of_weight, of_bias): Columns<'_>) {
    for ((sum, x), g) in of_weight.iter_mut().zip(input).zip(gradient) {
        *sum += g * ((x - mean) * scale);
    }
    for (sum, g) in of_bias.iter_mut().zip(gradient) {
        *sum += g;
    }
}

#[cfg(test)]
mod tests {
    use super::super::norm::{layer_norm_backward, layer_norm_rows, rms_norm_backward, rms_norm_rows};
    use super::*;

    const ROWS: usize = 7;
    const COLUMNS: usize = 37;

    fn wave(len: usize, speed: f32) -> Vec<f32> {
        (0..len).map(|at| 0.3 + (at as f32 * speed).sin()).collect()
    }

    fn agree(found: &[f32], expected: &[f32]) {
        let largest = expected.iter().fold(0f32, |most, value| most.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 2e-6 * largest, "{found} and {expected}");
        }
    }

    #[test]
    fn both_halves_of_a_layer_norm_are_its_backward_pass() {
        let (input, gradient) = (wave(ROWS * COLUMNS, 0.7), wave(ROWS * COLUMNS, 1.3));
        let (weight, bias) = (wave(COLUMNS, 0.2), wave(COLUMNS, 0.4));
        let (mut means, mut scales, mut output) = ([0.0; ROWS], [0.0; ROWS], vec![0.0; ROWS * COLUMNS]);
        layer_norm_rows(&input, &weight, &bias, 1e-5, &mut output, &mut means, &mut scales);
        let mut expected = vec![0.0; ROWS * COLUMNS];
        let (expected_weight, expected_bias) = layer_norm_backward(&input, &weight, &gradient, 1e-5, &mut expected);
        layer_norm_input_gradient(&input, &means, &scales, &weight, &gradient, &mut output);
        agree(&output, &expected);
        let (mut of_weight, mut of_bias) = ([0.0; COLUMNS], [0.0; COLUMNS]);
        let rows = input.chunks(COLUMNS).zip(gradient.chunks(COLUMNS));
        for ((input, gradient), (mean, scale)) in rows.zip(means.iter().zip(&scales)) {
            norm_weight_gradient(input, (*mean, *scale), gradient, &mut of_weight, &mut of_bias);
        }
        agree(&of_weight, &expected_weight);
        agree(&of_bias, &expected_bias);
    }

    #[test]
    fn both_halves_of_a_root_mean_square_norm_are_its_backward_pass() {
        let (input, gradient) = (wave(ROWS * COLUMNS, 0.7), wave(ROWS * COLUMNS, 1.3));
        let weight = wave(COLUMNS, 0.2);
        let (mut scales, mut output) = ([0.0; ROWS], vec![0.0; ROWS * COLUMNS]);
        rms_norm_rows(&input, &weight, 1e-5, &mut output, &mut scales);
        let mut expected = vec![0.0; ROWS * COLUMNS];
        let expected_weight = rms_norm_backward(&input, &weight, &gradient, 1e-5, &mut expected);
        rms_norm_input_gradient(&input, &scales, &weight, &gradient, &mut output);
        agree(&output, &expected);
        let mut of_weight = [0.0; COLUMNS];
        for ((input, gradient), scale) in input.chunks(COLUMNS).zip(gradient.chunks(COLUMNS)).zip(&scales) {
            norm_weight_gradient(input, (0.0, *scale), gradient, &mut of_weight, &mut []);
        }
        agree(&of_weight, &expected_weight);
    }
}
