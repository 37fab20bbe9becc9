//! The norms of rows on the calling thread, in vector instructions: nothing is allocated, and the gradients of the
//! weights are added to what is there.
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use crate::tensor::kernels::simd::{dispatch, dot, over_lanes, sum, sum_of_lanes};

/// [`layer_norm`](super::layer_norm) on this thread; the mean of every row and the inverse of its standard deviation go to `means` and
/// `scales`, one number for each row, for the backward pass.
pub(crate) fn layer_norm_rows(
    input: &[f32],
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
    output: &mut [f32],
    means: &mut [f32],
    scales: &mut [f32],
) {
    assert!(input.len() == output.len() && bias.len() == weight.len());
    assert!(input.len() == means.len() * weight.len() && means.len() == scales.len());
    let columns = weight.len();
    dispatch!({
        let rows = input.chunks_exact(columns).zip(output.chunks_exact_mut(columns));
        for ((row, out), (mean, scale)) in rows.zip(means.iter_mut().zip(&mut *scales)) {
            (*mean, *scale) = moments_of_row(row, epsilon);
            normalise_row(row, *mean, *scale, weight, bias, out);
        }
    });
}

/// The backward pass of [`layer_norm_rows`], from what it wrote to `means` and `scales`: the gradient of the input is
/// written to `output`, those of the weight and the bias are added to `of_weight` and `of_bias`.
#[expect(clippy::too_many_arguments, reason = "slices that come in and go out")]
pub(crate) fn layer_norm_backward_rows(
    input: &[f32],
    means: &[f32],
    scales: &[f32],
    weight: &[f32],
    gradient: &[f32],
    output: &mut [f32],
    of_weight: &mut [f32],
    of_bias: &mut [f32],
) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    assert!(input.len() == means.len() * weight.len() && means.len() == scales.len());
    assert!(of_weight.len() == weight.len() && of_bias.len() == weight.len());
    let columns = weight.len();
    dispatch!({
        let rows = input.chunks_exact(columns).zip(gradient.chunks_exact(columns));
        let rows = rows.zip(output.chunks_exact_mut(columns)).zip(means.iter().zip(scales));
        for (((row, gradient), out), (mean, scale)) in rows {
            normalise_row_backward(row, (*mean, *scale), weight, gradient, out, of_weight, of_bias);
        }
    });
}

/// [`rms_norm`](super::rms_norm) on this thread; the inverse root of the mean square of every row goes to `scales`.
pub(crate) fn rms_norm_rows(input: &[f32], weight: &[f32], epsilon: f32, output: &mut [f32], scales: &mut [f32]) {
    assert!(input.len() == output.len() && input.len() == scales.len() * weight.len());
    let columns = weight.len();
    dispatch!({
        let rows = input.chunks_exact(columns).zip(output.chunks_exact_mut(columns));
        for ((row, out), scale) in rows.zip(&mut *scales) {
            *scale = inverse_root_mean_square(row, epsilon);
            rms_normalise_row(row, *scale, weight, out);
        }
    });
}

/// The backward pass of [`rms_norm_rows`], from what it wrote to `scales`: the gradient of the input is written to
/// `output`, that of the weight is added to `of_weight`.
pub(crate) fn rms_norm_backward_rows(
    input: &[f32],
    scales: &[f32],
    weight: &[f32],
    gradient: &[f32],
    output: &mut [f32],
    of_weight: &mut [f32],
) {
    assert!(input.len() == output.len() && gradient.len() == output.len() && of_weight.len() == weight.len());
    assert_eq!(input.len(), scales.len() * weight.len());
    let columns = weight.len();
    dispatch!({
        let rows = input.chunks_exact(columns).zip(gradient.chunks_exact(columns));
        for (((row, gradient), out), scale) in rows.zip(output.chunks_exact_mut(columns)).zip(scales) {
            rms_normalise_row_backward(row, *scale, weight, gradient, out, of_weight);
        }
    });
}

/// The mean of every row and the inverse of its standard deviation.
pub(super) fn moments(input: &[f32], columns: usize, epsilon: f32, means: &mut [f32], scales: &mut [f32]) {
    assert!(input.len() == means.len() * columns && means.len() == scales.len());
    dispatch!({
        for (row, (mean, scale)) in input.chunks_exact(columns).zip(means.iter_mut().zip(&mut *scales)) {
            (*mean, *scale) = moments_of_row(row, epsilon);
        }
    });
}

/// The inverse root of the mean square of every row.
pub(super) fn inverse_root_mean_squares(input: &[f32], columns: usize, epsilon: f32, scales: &mut [f32]) {
    assert_eq!(input.len(), scales.len() * columns);
    dispatch!({
        for (row, scale) in input.chunks_exact(columns).zip(&mut *scales) {
            *scale = inverse_root_mean_square(row, epsilon);
        }
    });
}

#[inline(always)]
fn moments_of_row(row: &[f32], epsilon: f32) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = sum(row) / count;
    let lanes = over_lanes(
        row,
        row,
        0.0,
        #[inline(always)]
        |sum, x, _| sum + (x - mean) * (x - mean),
    );
    (mean, 1.0 / (sum_of_lanes(lanes) / count + epsilon).sqrt())
}

#[inline(always)]
fn inverse_root_mean_square(row: &[f32], epsilon: f32) -> f32 {
    1.0 / (dot(row, row) / row.len() as f32 + epsilon).sqrt()
}

#[inline(always)]
fn normalise_row(row: &[f32], mean: f32, scale: f32, weight: &[f32], bias: &[f32], out: &mut [f32]) {
    for (((out, x), weight), bias) in out.iter_mut().zip(row).zip(weight).zip(bias) {
        *out = (x - mean) * scale * weight + bias;
    }
}

#[inline(always)]
fn normalise_row_backward(
    row: &[f32],
    (mean, scale): (f32, f32),
    weight: &[f32],
    gradient: &[f32],
    out: &mut [f32],
    of_weight: &mut [f32],
    of_bias: &mut [f32],
) {
    // `out` keeps the gradient of the normalised number between the two passes.
    let weights = of_weight.iter_mut().zip(of_bias).zip(weight);
    for ((((of_weight, of_bias), weight), out), (x, gradient)) in weights.zip(&mut *out).zip(row.iter().zip(gradient)) {
        *of_weight += gradient * ((x - mean) * scale);
        *of_bias += gradient;
        *out = gradient * weight;
    }
    let sum_centred = sum_of_lanes(over_lanes(
        out,
        row,
        0.0,
        #[inline(always)]
        |sum, gradient, x| sum + gradient * (x - mean),
    ));
    let count = row.len() as f32;
    let (mean_gradient, slope) = (sum(out) / count, sum_centred / count * scale * scale);
    for (out, x) in out.iter_mut().zip(row) {
        *out = scale * (*out - mean_gradient - (x - mean) * slope);
    }
}

#[inline(always)]
fn rms_normalise_row(row: &[f32], scale: f32, weight: &[f32], out: &mut [f32]) {
    for ((out, x), weight) in out.iter_mut().zip(row).zip(weight) {
        *out = x * scale * weight;
    }
}

#[inline(always)]
fn rms_normalise_row_backward(
    row: &[f32],
    scale: f32,
    weight: &[f32],
    gradient: &[f32],
    out: &mut [f32],
    of_weight: &mut [f32],
) {
    for (((of_weight, weight), out), (x, gradient)) in
        of_weight.iter_mut().zip(weight).zip(&mut *out).zip(row.iter().zip(gradient))
    {
        *of_weight += gradient * (x * scale);
        *out = gradient * weight;
    }
    let mean = dot(out, row) * scale * scale / row.len() as f32;
    for (out, x) in out.iter_mut().zip(row) {
        *out = scale * (*out - x * mean);
    }
}

#[cfg(test)]
mod tests {
    use super::super as shared;
    use super::*;

    const EPSILON: f32 = 1e-6;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| (((i + seed) * 7919 % 1009) as f32 - 504.0) / 300.0 + 0.5).collect()
    }

    fn wide(values: &[f32]) -> Vec<f64> {
        values.iter().map(|x| f64::from(*x)).collect()
    }

    fn agree(what: &str, columns: usize, narrow: &[f32], exact: &[f64]) {
        assert_eq!(narrow.len(), exact.len());
        for (narrow, exact) in narrow.iter().zip(exact) {
            let error = (f64::from(*narrow) - exact).abs() / exact.abs().max(1.0);
            assert!(error < 3e-6, "{what}, {columns} columns: {narrow} and {exact}");
        }
    }

    #[test]
    fn layer_norm_and_its_gradients_agree_with_f64_and_add_to_what_is_there() {
        for columns in [3, 31, 32, 50, 384] {
            let (input, gradient) = (numbers(5 * columns, 0), numbers(5 * columns, 3));
            let (weight, bias) = (numbers(columns, 5), numbers(columns, 11));
            let [mut output, mut of_input] = std::array::from_fn(|_| vec![0.0; 5 * columns]);
            let (mut means, mut scales) = ([0.0; 5], [0.0; 5]);
            layer_norm_rows(&input, &weight, &bias, EPSILON, &mut output, &mut means, &mut scales);
            let mut exact = vec![0.0; 5 * columns];
            shared::layer_norm(&wide(&input), &wide(&weight), &wide(&bias), f64::from(EPSILON), &mut exact);
            agree("layer norm", columns, &output, &exact);

            let (mut of_weight, mut of_bias) = (vec![1.0; columns], vec![2.0; columns]);
            layer_norm_backward_rows(
                &input,
                &means,
                &scales,
                &weight,
                &gradient,
                &mut of_input,
                &mut of_weight,
                &mut of_bias,
            );
            let (input64, weight64, gradient64) = (wide(&input), wide(&weight), wide(&gradient));
            let (exact_weight, exact_bias) =
                shared::layer_norm_backward(&input64, &weight64, &gradient64, f64::from(EPSILON), &mut exact);
            agree("its input", columns, &of_input, &exact);
            agree("its weight", columns, &of_weight, &exact_weight.iter().map(|x| x + 1.0).collect::<Vec<_>>());
            agree("its bias", columns, &of_bias, &exact_bias.iter().map(|x| x + 2.0).collect::<Vec<_>>());
        }
    }

    #[test]
    fn rms_norm_and_its_gradients_agree_with_f64_and_add_to_what_is_there() {
        for columns in [3, 31, 32, 50, 576] {
            let (input, gradient, weight) = (numbers(4 * columns, 1), numbers(4 * columns, 2), numbers(columns, 7));
            let (mut output, mut of_input, mut scales) = (vec![0.0; 4 * columns], vec![0.0; 4 * columns], [0.0; 4]);
            rms_norm_rows(&input, &weight, EPSILON, &mut output, &mut scales);
            let mut exact = vec![0.0; 4 * columns];
            shared::rms_norm(&wide(&input), &wide(&weight), f64::from(EPSILON), &mut exact);
            agree("rms norm", columns, &output, &exact);

            let mut of_weight = vec![1.0; columns];
            rms_norm_backward_rows(&input, &scales, &weight, &gradient, &mut of_input, &mut of_weight);
            let (input, weight, gradient) = (wide(&input), wide(&weight), wide(&gradient));
            let exact_weight = shared::rms_norm_backward(&input, &weight, &gradient, f64::from(EPSILON), &mut exact);
            agree("its input", columns, &of_input, &exact);
            agree("its weight", columns, &of_weight, &exact_weight.iter().map(|x| x + 1.0).collect::<Vec<_>>());
        }
    }
}
