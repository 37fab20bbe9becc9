//! Softmax, dropout and sums over rows.

use rayon::prelude::*;

use super::Real;
use crate::tensor::random::Stream;

/// Rows of a chunk that one thread works on; fixed, so that sums have the same order on every machine.
pub(crate) const CHUNK_ROWS: usize = 64;

/// Softmax of every row of `columns` numbers.
pub(crate) fn softmax<T: Real>(input: &[T], columns: usize, output: &mut [T]) {
    assert_eq!(input.len(), output.len());
    output.par_chunks_mut(columns * CHUNK_ROWS).zip(input.par_chunks(columns * CHUNK_ROWS)).for_each(|(out, inp)| {
        for (out, inp) in out.chunks_exact_mut(columns).zip(inp.chunks_exact(columns)) {
            let largest = inp.iter().copied().fold(T::neg_infinity(), T::max);
            let mut sum = T::zero();
            for (out, inp) in out.iter_mut().zip(inp) {
                *out = (*inp - largest).exp();
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
            let rows = result.chunks_exact(columns).zip(gradient.chunks_exact(columns));
            for (out, (result, gradient)) in out.chunks_exact_mut(columns).zip(rows) {
                let mut dot = T::zero();
                for (r, g) in result.iter().zip(gradient) {
                    dot += *r * *g;
                }
                for ((out, r), g) in out.iter_mut().zip(result).zip(gradient) {
                    *out = *r * (*g - dot);
                }
            }
        },
    );
}

/// Sets every element to zero with the probability of `threshold / 2^32`, and scales the others by `scale`.
pub(crate) fn dropout<T: Real>(input: &[T], stream: &Stream, threshold: u32, scale: T, output: &mut [T]) {
    const BLOCKS: usize = 1024;
    assert_eq!(input.len(), output.len());
    let chunks = output.par_chunks_mut(4 * BLOCKS).zip(input.par_chunks(4 * BLOCKS)).enumerate();
    chunks.for_each(|(chunk, (out, inp))| {
        for (block, (out, inp)) in out.chunks_mut(4).zip(inp.chunks(4)).enumerate() {
            let drawn = stream.block((chunk * BLOCKS + block) as u32);
            for ((out, inp), drawn) in out.iter_mut().zip(inp).zip(drawn) {
                *out = if drawn < threshold { T::zero() } else { *inp * scale };
            }
        }
    });
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
            for row in chunk.chunks_exact(columns) {
                add_assign(&mut sum, row);
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
