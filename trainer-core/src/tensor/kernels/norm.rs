//! Layer norm and root-mean-square norm over rows, forward and backward.
//!
//! In come matrices as slices of whole rows, weights as long as a row; out go normalised rows or gradients. What takes
//! `T` shares the rows between threads; what ends in `_rows` works on the calling thread.

mod rows;

use rayon::prelude::*;
pub(crate) use rows::{layer_norm_backward_rows, layer_norm_rows, rms_norm_backward_rows, rms_norm_rows};

use super::Real;
use super::rows::{CHUNK_ROWS, sum_in_order};

/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` for every row.
pub(crate) fn layer_norm<T: Real>(input: &[T], weight: &[T], bias: &[T], epsilon: T, output: &mut [T]) {
    let columns = weight.len();
    assert!(input.len() == output.len() && bias.len() == columns);
    output.par_chunks_mut(columns * CHUNK_ROWS).zip(input.par_chunks(columns * CHUNK_ROWS)).for_each(|(out, inp)| {
        if let (Some(weight), Some(bias)) = (T::as_f32(weight), T::as_f32(bias))
            && let (Some(inp), Some(out)) = (T::as_f32(inp), T::as_f32_mut(out))
        {
            let (mut means, mut scales) = ([0.0; CHUNK_ROWS], [0.0; CHUNK_ROWS]);
            let count = inp.len() / columns;
            let (means, scales) = (&mut means[..count], &mut scales[..count]);
            return layer_norm_rows(inp, weight, bias, epsilon.narrow(), out, means, scales);
        }
        for (out, row) in out.chunks_exact_mut(columns).zip(inp.chunks_exact(columns)) {
            let (mean, scale) = moments(row, epsilon);
            for (((out, x), weight), bias) in out.iter_mut().zip(row).zip(weight).zip(bias) {
                *out = (*x - mean) * scale * *weight + *bias;
            }
        }
    });
}

/// The gradients of the weight and the bias; that of the input is written to `output`.
pub(crate) fn layer_norm_backward<T: Real>(
    input: &[T],
    weight: &[T],
    gradient: &[T],
    epsilon: T,
    output: &mut [T],
) -> (Vec<T>, Vec<T>) {
    let columns = weight.len();
    assert!(input.len() == output.len() && gradient.len() == output.len());
    let chunk = columns * CHUNK_ROWS;
    let chunks = output.par_chunks_mut(chunk).zip(input.par_chunks(chunk)).zip(gradient.par_chunks(chunk));
    let partial: Vec<(Vec<T>, Vec<T>)> = chunks
        .map(|((out, inp), gradient)| {
            let (mut of_weight, mut of_bias) = (vec![T::zero(); columns], vec![T::zero(); columns]);
            if let (Some(inp), Some(weight), Some(gradient)) = (T::as_f32(inp), T::as_f32(weight), T::as_f32(gradient))
                && let (Some(of_weight), Some(of_bias)) = (T::as_f32_mut(&mut of_weight), T::as_f32_mut(&mut of_bias))
                && let Some(out) = T::as_f32_mut(out)
            {
                let (mut means, mut scales) = ([0.0; CHUNK_ROWS], [0.0; CHUNK_ROWS]);
                let count = inp.len() / columns;
                let (means, scales) = (&mut means[..count], &mut scales[..count]);
                rows::moments(inp, columns, epsilon.narrow(), means, scales);
                layer_norm_backward_rows(inp, means, scales, weight, gradient, out, of_weight, of_bias);
            } else {
                let rows = inp.chunks_exact(columns).zip(gradient.chunks_exact(columns));
                for (out, (row, gradient)) in out.chunks_exact_mut(columns).zip(rows) {
                    let moments = moments(row, epsilon);
                    layer_norm_backward_of_row(row, moments, weight, gradient, out, &mut of_weight, &mut of_bias);
                }
            }
            (of_weight, of_bias)
        })
        .collect();
    let (of_weight, of_bias) = partial.into_iter().unzip();
    (sum_in_order(of_weight, columns), sum_in_order(of_bias, columns))
}

/// `x / sqrt(mean(x²) + epsilon) * weight` for every row.
pub(crate) fn rms_norm<T: Real>(input: &[T], weight: &[T], epsilon: T, output: &mut [T]) {
    let columns = weight.len();
    assert_eq!(input.len(), output.len());
    output.par_chunks_mut(columns * CHUNK_ROWS).zip(input.par_chunks(columns * CHUNK_ROWS)).for_each(|(out, inp)| {
        if let (Some(inp), Some(weight), Some(out)) = (T::as_f32(inp), T::as_f32(weight), T::as_f32_mut(out)) {
            let mut scales = [0.0; CHUNK_ROWS];
            return rms_norm_rows(inp, weight, epsilon.narrow(), out, &mut scales[..inp.len() / columns]);
        }
        for (out, row) in out.chunks_exact_mut(columns).zip(inp.chunks_exact(columns)) {
            let scale = inverse_root_mean_square(row, epsilon);
            for ((out, x), weight) in out.iter_mut().zip(row).zip(weight) {
                *out = *x * scale * *weight;
            }
        }
    });
}

/// The gradient of the weight; that of the input is written to `output`.
pub(crate) fn rms_norm_backward<T: Real>(
    input: &[T],
    weight: &[T],
    gradient: &[T],
    epsilon: T,
    output: &mut [T],
) -> Vec<T> {
    let columns = weight.len();
    assert!(input.len() == output.len() && gradient.len() == output.len());
    let chunk = columns * CHUNK_ROWS;
    let chunks = output.par_chunks_mut(chunk).zip(input.par_chunks(chunk)).zip(gradient.par_chunks(chunk));
    let partial: Vec<Vec<T>> = chunks
        .map(|((out, inp), gradient)| {
            let mut of_weight = vec![T::zero(); columns];
            if let (Some(inp), Some(weight), Some(gradient)) = (T::as_f32(inp), T::as_f32(weight), T::as_f32(gradient))
                && let (Some(of_weight), Some(out)) = (T::as_f32_mut(&mut of_weight), T::as_f32_mut(out))
            {
                let mut scales = [0.0; CHUNK_ROWS];
                let scales = &mut scales[..inp.len() / columns];
                rows::inverse_root_mean_squares(inp, columns, epsilon.narrow(), scales);
                rms_norm_backward_rows(inp, scales, weight, gradient, out, of_weight);
            } else {
                let rows = inp.chunks_exact(columns).zip(gradient.chunks_exact(columns));
                for (out, (row, gradient)) in out.chunks_exact_mut(columns).zip(rows) {
                    let scale = inverse_root_mean_square(row, epsilon);
                    rms_norm_backward_of_row(row, scale, weight, gradient, out, &mut of_weight);
                }
            }
            of_weight
        })
        .collect();
    sum_in_order(partial, columns)
}

fn layer_norm_backward_of_row<T: Real>(
    row: &[T],
    (mean, scale): (T, T),
    weight: &[T],
    gradient: &[T],
    out: &mut [T],
    of_weight: &mut [T],
    of_bias: &mut [T],
) {
    let (mut sum, mut sum_normal) = (T::zero(), T::zero());
    for c in 0..row.len() {
        let normal = (row[c] - mean) * scale;
        of_weight[c] += gradient[c] * normal;
        of_bias[c] += gradient[c];
        sum += gradient[c] * weight[c];
        sum_normal += gradient[c] * weight[c] * normal;
    }
    let count = T::of(row.len() as f64);
    let (mean_gradient, mean_normal) = (sum / count, sum_normal / count);
    for c in 0..row.len() {
        let normal = (row[c] - mean) * scale;
        out[c] = scale * (gradient[c] * weight[c] - mean_gradient - normal * mean_normal);
    }
}

fn rms_norm_backward_of_row<T: Real>(
    row: &[T],
    scale: T,
    weight: &[T],
    gradient: &[T],
    out: &mut [T],
    of_weight: &mut [T],
) {
    let mut sum = T::zero();
    for c in 0..row.len() {
        of_weight[c] += gradient[c] * row[c] * scale;
        sum += gradient[c] * weight[c] * row[c];
    }
    let mean = sum * scale * scale / T::of(row.len() as f64);
    for c in 0..row.len() {
        out[c] = scale * (gradient[c] * weight[c] - row[c] * mean);
    }
}

/// The mean of a row and the inverse of its standard deviation.
fn moments<T: Real>(row: &[T], epsilon: T) -> (T, T) {
    let count = T::of(row.len() as f64);
    let mean = sum(row.iter().copied()) / count;
    let variance = sum(row.iter().map(|x| (*x - mean) * (*x - mean))) / count;
    (mean, (variance + epsilon).sqrt().recip())
}

fn inverse_root_mean_square<T: Real>(row: &[T], epsilon: T) -> T {
    let mean_square = sum(row.iter().map(|x| *x * *x)) / T::of(row.len() as f64);
    (mean_square + epsilon).sqrt().recip()
}

fn sum<T: Real>(values: impl Iterator<Item = T>) -> T {
    values.fold(T::zero(), |sum, value| sum + value)
}
