//! Softmax, sums and biases over rows.
//!
//! In come matrices as slices of whole rows, out go slices of the same length. What takes `T` shares the rows between
//! threads; the others work on the calling thread, in vector instructions, and allocate nothing.
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use rayon::prelude::*;

use super::Real;
use super::simd::{dispatch, dot, exp, largest, sum};

/// Rows of a chunk that one thread works on; fixed, so that sums have the same order on every machine.
pub(crate) const CHUNK_ROWS: usize = 64;

/// Softmax of every row of `columns` numbers.
pub(crate) fn softmax<T: Real>(input: &[T], columns: usize, output: &mut [T]) {
    assert_eq!(input.len(), output.len());
    output.par_chunks_mut(columns * CHUNK_ROWS).zip(input.par_chunks(columns * CHUNK_ROWS)).for_each(|(out, inp)| {
        copy(inp, out);
        if let Some(out) = T::as_f32_mut(out) {
            return dispatch!(softmax_of_rows(out, columns));
        }
        for out in out.chunks_exact_mut(columns) {
            let largest = out.iter().copied().fold(T::neg_infinity(), T::max);
            let mut sum = T::zero();
            for out in out.iter_mut() {
                *out = (*out - largest).exp();
                sum += *out;
            }
            let scale = sum.recip();
            for out in out.iter_mut() {
                *out = *out * scale;
            }
        }
    });
}

/// The gradient of softmax's input, from its result and the gradient of the result.
pub(crate) fn softmax_backward<T: Real>(result: &[T], gradient: &[T], columns: usize, output: &mut [T]) {
    assert!(result.len() == output.len() && gradient.len() == output.len());
    let chunk = columns * CHUNK_ROWS;
    output.par_chunks_mut(chunk).zip(result.par_chunks(chunk)).zip(gradient.par_chunks(chunk)).for_each(
        |((out, result), gradient)| {
            copy(gradient, out);
            if let (Some(result), Some(out)) = (T::as_f32(result), T::as_f32_mut(out)) {
                return dispatch!(softmax_backward_of_rows(result, out, columns));
            }
            for (out, result) in out.chunks_exact_mut(columns).zip(result.chunks_exact(columns)) {
                let mut dot = T::zero();
                for (r, g) in result.iter().zip(out.iter()) {
                    dot += *r * *g;
                }
                for (out, r) in out.iter_mut().zip(result) {
                    *out = *r * (*out - dot);
                }
            }
        },
    );
}

/// Adds `bias` to every row.
pub(crate) fn add_to_rows<T: Real>(input: &[T], bias: &[T], output: &mut [T]) {
    assert_eq!(input.len(), output.len());
    let columns = bias.len();
    output.par_chunks_mut(columns * CHUNK_ROWS).zip(input.par_chunks(columns * CHUNK_ROWS)).for_each(|(out, inp)| {
        for (out, inp) in out.chunks_exact_mut(columns).zip(inp.chunks_exact(columns)) {
            for ((out, inp), bias) in out.iter_mut().zip(inp).zip(bias) {
                *out = *inp + *bias;
            }
        }
    });
}

/// The sum of all rows of `columns` numbers.
pub(crate) fn sum_of_rows<T: Real>(input: &[T], columns: usize) -> Vec<T> {
    let partial: Vec<Vec<T>> = input
        .par_chunks(columns * CHUNK_ROWS)
        .map(|chunk| {
            let mut sum = vec![T::zero(); columns];
            if let (Some(chunk), Some(sum)) = (T::as_f32(chunk), T::as_f32_mut(&mut sum)) {
                sum_of_rows_into(chunk, sum);
            } else {
                chunk.chunks_exact(columns).for_each(|row| add_assign(&mut sum, row));
            }
            sum
        })
        .collect();
    sum_in_order(partial, columns)
}

/// The sum of the partial sums of chunks, in the order of the chunks.
pub(crate) fn sum_in_order<T: Real>(partial: Vec<Vec<T>>, columns: usize) -> Vec<T> {
    partial.into_iter().fold(vec![T::zero(); columns], |mut sum, part| {
        add_assign(&mut sum, &part);
        sum
    })
}

fn add_assign<T: Real>(sum: &mut [T], row: &[T]) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += *value;
    }
}

/// Softmax of `scale * scores` in place; gives the logarithm of the sum of exponentials, from which [`exp_minus`]
/// computes the same probabilities again. The scale is positive; a row of negative infinities alone gives what is not a number.
pub(crate) fn softmax_row(scores: &mut [f32], scale: f32) -> f32 {
    dispatch!(softmax_of_row(scores, scale))
}

/// `exp(scale * scores - log_sum)` in place: the probabilities of a row whose sum is known.
pub(crate) fn exp_minus(scores: &mut [f32], scale: f32, log_sum: f32) {
    dispatch!(exp_minus_of_row(scores, scale, log_sum));
}

/// The gradient of the scores of one row of softmax, in place of that of its probabilities, given the sum of
/// probabilities times their gradients: `scale * probability * (gradient - dot)`.
pub(crate) fn softmax_backward_row(probabilities: &[f32], gradient: &mut [f32], dot: f32, scale: f32) {
    assert_eq!(probabilities.len(), gradient.len());
    dispatch!(softmax_backward_of_row(probabilities, gradient, dot, scale));
}

/// A copy in pieces of a kilobyte.
///
/// For larger blocks the C library may choose the processor's own instruction for copies, which on some processors is
/// ten times slower for pairs of addresses that lie unluckily in their pages.
pub(crate) fn copy<T: Real>(input: &[T], output: &mut [T]) {
    let piece = 1024 / size_of::<T>();
    assert_eq!(input.len(), output.len());
    for (out, inp) in output.chunks_mut(piece).zip(input.chunks(piece)) {
        out.copy_from_slice(inp);
    }
}

/// Adds `input` to `sum`, element by element.
pub(crate) fn add_assign_rows(sum: &mut [f32], input: &[f32]) {
    assert_eq!(sum.len(), input.len());
    dispatch!(add_to(sum, input));
}

/// Adds the sum of all rows of `sum.len()` numbers to `sum`.
pub(crate) fn sum_of_rows_into(input: &[f32], sum: &mut [f32]) {
    assert!(input.len().is_multiple_of(sum.len()), "{} numbers are not rows of {}", input.len(), sum.len());
    dispatch!(sum_rows(input, sum));
}

/// The sum of `a[i] * b[i]`.
pub(crate) fn dot_product(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    dispatch!(dot(a, b))
}

#[inline(always)]
fn softmax_of_rows(rows: &mut [f32], columns: usize) {
    for row in rows.chunks_exact_mut(columns) {
        softmax_of_row(row, 1.0);
    }
}

#[inline(always)]
fn softmax_of_row(scores: &mut [f32], scale: f32) -> f32 {
    let largest = largest(scores);
    for score in scores.iter_mut() {
        *score = exp((*score - largest) * scale);
    }
    let sum = sum(scores);
    let share = 1.0 / sum;
    for score in scores.iter_mut() {
        *score *= share;
    }
    largest * scale + sum.ln()
}

#[inline(always)]
fn exp_minus_of_row(scores: &mut [f32], scale: f32, log_sum: f32) {
    for score in scores.iter_mut() {
        *score = exp(*score * scale - log_sum);
    }
}

#[inline(always)]
fn softmax_backward_of_rows(probabilities: &[f32], gradient: &mut [f32], columns: usize) {
    for (row, gradient) in probabilities.chunks_exact(columns).zip(gradient.chunks_exact_mut(columns)) {
        let dot = dot(row, gradient);
        softmax_backward_of_row(row, gradient, dot, 1.0);
    }
}

#[inline(always)]
fn softmax_backward_of_row(probabilities: &[f32], gradient: &mut [f32], dot: f32, scale: f32) {
    for (gradient, probability) in gradient.iter_mut().zip(probabilities) {
        *gradient = scale * probability * (*gradient - dot);
    }
}

#[inline(always)]
fn add_to(sum: &mut [f32], input: &[f32]) {
    for (sum, x) in sum.iter_mut().zip(input) {
        *sum += x;
    }
}

#[inline(always)]
fn sum_rows(input: &[f32], sum: &mut [f32]) {
    for row in input.chunks_exact(sum.len()) {
        add_to(sum, row);
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums of small numbers are exact")]
mod tests {
    use super::*;

    fn numbers(count: usize, factor: f32) -> Vec<f32> {
        (0..count).map(|i| ((i * 37 % 101) as f32 - 50.0) * factor).collect()
    }

    #[test]
    fn softmax_of_rows_of_any_length_agrees_with_f64_and_can_be_computed_again() {
        for columns in [1, 2, 7, 25, 32, 33, 64, 100, 128, 513] {
            let (scores, scale) = (numbers(columns, 0.3), 0.25);
            let mut row = scores.clone();
            let log_sum = softmax_row(&mut row, scale);
            let mut again = scores.clone();
            exp_minus(&mut again, scale, log_sum);
            let exact: Vec<f64> = scores.iter().map(|score| (f64::from(*score) * f64::from(scale)).exp()).collect();
            let sum: f64 = exact.iter().sum();
            assert!((f64::from(log_sum) - sum.ln()).abs() < 1e-6 * sum.ln().abs().max(1.0));
            for ((row, again), exact) in row.iter().zip(again).zip(exact) {
                let exact = exact / sum;
                let (of_row, of_again) = (f64::from(*row) / exact - 1.0, f64::from(again) / exact - 1.0);
                assert!(of_row.abs() < 5e-7 && of_again.abs() < 2e-6, "{columns}: {of_row} and {of_again}");
            }
        }
    }

    #[test]
    fn softmax_gives_masked_scores_nothing() {
        let mut row = [0.0, f32::NEG_INFINITY, 0.0, f32::MIN];
        let log_sum = softmax_row(&mut row, 1.0);
        assert_eq!(row, [0.5, 0.0, 0.5, 0.0]);
        assert!((log_sum - std::f32::consts::LN_2).abs() < 1e-6);
    }

    #[test]
    fn the_gradient_of_softmax_agrees_with_f64() {
        for columns in [1, 25, 64, 131] {
            let mut probabilities = numbers(columns, 0.1);
            softmax_row(&mut probabilities, 1.0);
            let mut gradient = numbers(columns, 0.02);
            let wide = |values: &[f32]| values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
            let mut exact = vec![0.0; columns];
            softmax_backward(&wide(&probabilities), &wide(&gradient), columns, &mut exact);
            let mut shared = vec![0.0; columns];
            softmax_backward(&probabilities, &gradient, columns, &mut shared);
            let dot = dot_product(&probabilities, &gradient);
            softmax_backward_row(&probabilities, &mut gradient, dot, 1.0);
            assert_eq!(gradient, shared);
            for (gradient, exact) in gradient.iter().zip(exact) {
                assert!((f64::from(*gradient) - exact).abs() < 1e-6, "{gradient} and {exact}");
            }
        }
    }

    #[test]
    fn sums_see_every_row() {
        let (values, bias) = (numbers(5 * 19, 1.0), numbers(19, 2.0));
        let mut sum = bias.clone();
        sum_of_rows_into(&values, &mut sum);
        let mut one_by_one = bias.clone();
        values.chunks(19).for_each(|row| add_assign_rows(&mut one_by_one, row));
        assert_eq!(sum, one_by_one);
        assert_eq!(sum[3], bias[3] + (0..5).map(|row| values[row * 19 + 3]).sum::<f32>());
    }
}
