//! Dropout: the mask is drawn where it is used and stored nowhere.
//!
//! In come numbers, the stream of a site and the position of the first number in it; out go the same numbers scaled, or
//! zero. The same stream and positions give the same mask, forward and backward, whatever the pieces.
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use rayon::prelude::*;

use super::Real;
use super::rows;
use super::simd::dispatch;
use crate::tensor::random::{Stream, fill};

/// Numbers that are drawn at once: few enough to stay in the nearest cache, a multiple of the generator's blocks.
const DRAWN: usize = 256;

/// Sets every element to zero with the probability of `threshold / 2^32`, and scales the others by `scale`.
pub(crate) fn dropout<T: Real>(input: &[T], stream: &Stream, threshold: u32, scale: T, output: &mut [T]) {
    const CHUNK: usize = 16 * DRAWN;
    assert_eq!(input.len(), output.len());
    output.par_chunks_mut(CHUNK).zip(input.par_chunks(CHUNK)).enumerate().for_each(|(chunk, (out, inp))| {
        let start = (chunk * CHUNK) as u64;
        if let (Some(inp), Some(out)) = (T::as_f32(inp), T::as_f32_mut(out)) {
            return dropout_into(stream, start, threshold, scale.narrow(), inp, out);
        }
        let mut drawn = vec![0; inp.len()];
        stream.fill(start, &mut drawn);
        for ((out, inp), drawn) in out.iter_mut().zip(inp).zip(drawn) {
            *out = if drawn < threshold { T::zero() } else { *inp * scale };
        }
    });
}

/// Dropout in place, on this thread; the first value is element `start` of the stream.
pub(crate) fn dropout_slice(stream: &Stream, start: u64, threshold: u32, scale: f32, values: &mut [f32]) {
    dispatch!(in_place(*stream, start, threshold, scale, values));
}

/// Dropout of `input` to `output`, on this thread; the first value is element `start` of the stream.
pub(crate) fn dropout_into(stream: &Stream, start: u64, threshold: u32, scale: f32, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len());
    rows::copy(input, output);
    dropout_slice(stream, start, threshold, scale, output);
}

#[inline(always)]
fn in_place(stream: Stream, mut start: u64, threshold: u32, scale: f32, mut values: &mut [f32]) {
    let mut drawn = [0; DRAWN];
    while !values.is_empty() {
        // After the first piece every piece starts with a whole block.
        let (piece, rest) = values.split_at_mut(values.len().min(DRAWN - (start % 4) as usize));
        fill(stream, start, &mut drawn[..piece.len()]);
        for (value, drawn) in piece.iter_mut().zip(&drawn) {
            *value = if *drawn < threshold { 0.0 } else { *value * scale };
        }
        start += piece.len() as u64;
        values = rest;
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "a mask keeps or drops exactly")]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_an_element_does_not_depend_on_the_pieces() {
        let (stream, threshold) = (Stream::initialisation(3, "here"), 1 << 30);
        let mut whole = vec![1.0; 5000];
        dropout_slice(&stream, 0, threshold, 2.0, &mut whole);
        for (element, value) in whole.iter().enumerate() {
            let dropped = stream.block((element / 4) as u32)[element % 4] < threshold;
            assert_eq!(*value, if dropped { 0.0 } else { 2.0 }, "element {element}");
        }
        for piece in [1, 3, 4, 7, 384, 1025] {
            let mut values = vec![1.0; 5000];
            for (index, values) in values.chunks_mut(piece).enumerate() {
                dropout_slice(&stream, (index * piece) as u64, threshold, 2.0, values);
            }
            assert_eq!(values, whole, "in pieces of {piece}");
        }
        let (of_f32, mut of_f64) = (vec![1.0f32; 5000], vec![0.0f64; 5000]);
        let mut shared = vec![0.0f32; 5000];
        dropout(&of_f32, &stream, threshold, 2.0, &mut shared);
        dropout(&vec![1.0; 5000], &stream, threshold, 2.0, &mut of_f64);
        assert_eq!(shared, whole);
        assert!(of_f64.iter().zip(&whole).all(|(wide, narrow)| *wide == f64::from(*narrow)));
    }
}
