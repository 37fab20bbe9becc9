//! The update of `AdamW` and the squared norm, in one pass over slices.
//!
//! In come a parameter, its moments and its gradient as slices of the same length; the parameter and the moments are
//! changed in place. Long slices are split over rayon's threads in pieces of a fixed size: the update is element by
//! element and the norm adds its pieces in their order, so that the bits are the same for any number of threads.

mod rows;

use pulp::Arch;
use rayon::prelude::*;

pub(crate) use rows::{Rows, adamw_rows};

/// Elements in one piece: large enough to be worth a task, small enough that its four slices stay in the cache.
pub(crate) const PIECE: usize = 1 << 14;

/// Partial sums of a squared norm that are kept side by side, so that the additions need not wait for each other.
const LANES: usize = 8;

/// The numbers of one update of one parameter, the same for all its elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamWStep {
    /// What the gradient is multiplied by before anything else.
    pub(crate) gradient_scale: f32,
    /// What the parameter is multiplied by: `1 - learning_rate * weight_decay`, or 1 where it does not decay.
    pub(crate) decay: f32,
    /// `1 - beta1`: how much of the gradient enters the first moment.
    pub(crate) first_weight: f32,
    /// `beta2`: how much of the second moment stays.
    pub(crate) second_keep: f32,
    /// `1 - beta2`: how much of the squared gradient enters the second moment.
    pub(crate) second_weight: f32,
    /// `-learning_rate / (1 - beta1^t)`.
    pub(crate) negative_step_size: f32,
    /// `sqrt(1 - beta2^t)`.
    pub(crate) second_correction: f32,
    /// What keeps the quotient finite where the second moment is 0.
    pub(crate) epsilon: f32,
}

/// Updates a parameter and its two moments in place; all four slices have the same length.
///
/// Source: `torch.optim.AdamW`, the single-tensor path, operation by operation in f32.
pub(crate) fn adamw(parameter: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32], step: &AdamWStep) {
    let piece = piece_of(step);
    if parameter.len() <= PIECE {
        return piece(parameter, first, second, gradient, step);
    }
    parameter
        .par_chunks_mut(PIECE)
        .zip(first.par_chunks_mut(PIECE))
        .zip(second.par_chunks_mut(PIECE))
        .zip(gradient.par_chunks(PIECE))
        .for_each(|(((parameter, first), second), gradient)| piece(parameter, first, second, gradient, step));
}

/// The update of a short slice: parameter, first and second moment, gradient.
type Piece = fn(&mut [f32], &mut [f32], &mut [f32], &[f32], &AdamWStep);

fn piece_of(step: &AdamWStep) -> Piece {
    // An interpolation starts from its nearer end, so that a weight of 1 (beta1 = 0) gives the gradient itself.
    if step.first_weight < 0.5 { adamw_piece::<true> } else { adamw_piece::<false> }
}

/// The same operations in the widest registers that the processor has: the bits are the same in all of them.
fn adamw_piece<const FROM_MOMENT: bool>(
    parameter: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    gradient: &[f32],
    step: &AdamWStep,
) {
    Arch::new().dispatch(|| update_elements::<FROM_MOMENT>(parameter, first, second, gradient, step));
}

#[expect(clippy::inline_always, reason = "only code within the dispatch is compiled for wide registers")]
#[inline(always)]
fn update_elements<const FROM_MOMENT: bool>(
    parameter: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    gradient: &[f32],
    step: &AdamWStep,
) {
    for (((p, m), v), g) in parameter.iter_mut().zip(first).zip(second).zip(gradient) {
        let g = g * step.gradient_scale;
        let distance = g - *m;
        *m = if FROM_MOMENT { *m + step.first_weight * distance } else { g - distance * (1.0 - step.first_weight) };
        *v = *v * step.second_keep + step.second_weight * g * g;
        let denominator = v.sqrt() / step.second_correction + step.epsilon;
        *p = *p * step.decay + step.negative_step_size * *m / denominator;
    }
}

/// The sum of the squares, added up in f64: squares of f32 neither overflow nor underflow there.
pub(crate) fn squared_norm(values: &[f32]) -> f64 {
    if values.len() <= PIECE {
        return squared_norm_piece(values);
    }
    let pieces: Vec<f64> = values.par_chunks(PIECE).map(squared_norm_piece).collect();
    pieces.iter().sum()
}

fn squared_norm_piece(values: &[f32]) -> f64 {
    Arch::new().dispatch(|| sum_of_squares(values))
}

#[expect(clippy::inline_always, reason = "only code within the dispatch is compiled for wide registers")]
#[inline(always)]
fn sum_of_squares(values: &[f32]) -> f64 {
    let mut lanes = [0f64; LANES];
    let rows = values.chunks_exact(LANES);
    let rest = rows.remainder();
    for row in rows {
        for (lane, value) in lanes.iter_mut().zip(row) {
            let value = f64::from(*value);
            *lane += value * value;
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        let value = f64::from(*value);
        *lane += value * value;
    }
    lanes.iter().sum()
}

/// Whether every value is a finite number.
pub(crate) fn all_finite(values: &[f32]) -> bool {
    values.par_chunks(PIECE).all(|piece| piece.iter().all(|value| value.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(len: usize, speed: f64) -> Vec<f32> {
        (0..len).map(|i| ((i as f64) * speed).sin() as f32).collect()
    }

    fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    const STEP: AdamWStep = AdamWStep {
        gradient_scale: 0.5,
        decay: 0.999,
        first_weight: 0.1,
        second_keep: 0.999,
        second_weight: 0.001,
        negative_step_size: -0.01,
        second_correction: 0.5,
        epsilon: 1e-8,
    };

    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        let len = 5 * PIECE + 17;
        let run = |threads| {
            on_threads(threads, || {
                let (mut p, mut m, mut v) = (wave(len, 0.1), wave(len, 0.2), vec![0.25; len]);
                adamw(&mut p, &mut m, &mut v, &wave(len, 0.3), &STEP);
                (squared_norm(&p).to_bits(), p, m, v)
            })
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn pieces_make_the_same_update_as_one_pass() {
        let len = 2 * PIECE + 5;
        let (mut p, mut m, mut v) = (wave(len, 0.1), wave(len, 0.2), vec![0.25; len]);
        let (mut p1, mut m1, mut v1) = (p.clone(), m.clone(), v.clone());
        let g = wave(len, 0.3);
        adamw(&mut p, &mut m, &mut v, &g, &STEP);
        adamw_piece::<true>(&mut p1, &mut m1, &mut v1, &g, &STEP);
        assert_eq!((p, m, v), (p1, m1, v1));
    }

    #[test]
    fn the_widest_registers_give_the_bits_of_plain_code() {
        let len = 1000 + 3;
        let g = wave(len, 0.3);
        let (mut p, mut m, mut v) = (wave(len, 0.1), wave(len, 0.2), vec![0.25; len]);
        let (mut p1, mut m1, mut v1) = (p.clone(), m.clone(), v.clone());
        adamw_piece::<true>(&mut p, &mut m, &mut v, &g, &STEP);
        update_elements::<true>(&mut p1, &mut m1, &mut v1, &g, &STEP);
        assert_eq!((p, m, v), (p1, m1, v1));
        assert_eq!(squared_norm_piece(&g).to_bits(), sum_of_squares(&g).to_bits());
    }

    #[test]
    fn a_first_weight_of_one_keeps_exactly_the_gradient() {
        let (mut p, mut m, mut v) = (vec![1.0], vec![1e8], vec![0.0]);
        adamw(&mut p, &mut m, &mut v, &[0.3], &AdamWStep { gradient_scale: 1.0, first_weight: 1.0, ..STEP });
        assert_eq!(m, [0.3]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "sums of small integers are exact")]
    fn the_squared_norm_adds_every_element_of_every_length() {
        for len in [0, 1, 7, 8, 9, PIECE, PIECE + 1, 3 * PIECE + 11] {
            let ones = vec![2f32; len];
            assert_eq!(squared_norm(&ones), 4.0 * len as f64);
        }
    }

    #[test]
    fn one_value_in_many_that_is_not_finite_is_seen() {
        let mut values = vec![1f32; 3 * PIECE];
        assert!(all_finite(&values));
        values[2 * PIECE + 3] = f32::NAN;
        assert!(!all_finite(&values));
    }
}
