//! Loops compiled for the machine that runs them, and the functions of the mathematics in a form that such loops like.
//!
//! In come slices, out go slices: [`dispatch!`] runs a call in the form that was compiled for the best instruction
//! set of this processor, where plain loops become vector instructions. [`exp`] and [`erf`] are branch-free
//! for that reason, and multiply and add as two operations: their bits are the same on every instruction set. Sums go
//! over [`LANES`] partial sums whatever the width of the machine's vectors, so theirs are too.
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

/// Partial sums of a row that are kept side by side.
pub(crate) const LANES: usize = 16;

/// `call`, compiled for the best instruction set of this processor.
///
/// What it calls must be marked `#[inline(always)]`, down to the last function: what is called instead of inlined is
/// compiled for the oldest processor of the target. So a closure among them must be marked, too.
macro_rules! dispatch {
    ($call:expr) => {
        $crate::tensor::kernels::simd::run(
            #[inline(always)]
            || $call,
        )
    };
}

pub(crate) use dispatch;

/// [`dispatch!`] of a closure, which must be marked `#[inline(always)]`.
#[inline]
pub(crate) fn run<R>(call: impl FnMut() -> R) -> R {
    static BEST: OnceLock<Arch> = OnceLock::new();
    BEST.get_or_init(Arch::new).dispatch(Marked(call))
}

/// A closure that is called by reference: to be called by value it would be wrapped in a function that has no mark.
struct Marked<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Marked<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// `e^x` within 2 units in the last place; 0 where the result would be smaller than the smallest normal number,
/// infinity where it would be larger than the largest.
///
/// The exponent's integer part (in base 2) is taken off in two pieces, so that nothing of `x` is lost, and added again
/// to the bits of the result; between them stands a polynomial of degree 6 with the smallest largest error.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const LARGEST: f32 = 88.722_83;
    const SMALLEST: f32 = -87.3365;
    /// Adding 1.5 * 2^23 leaves the nearest integer in the low bits of a number.
    const ROUNDING: f32 = 12_582_912.0;
    /// `ln 2` in two pieces, the first so short that its multiples are exact.
    const LN_2: (f32, f32) = (0.693_359_375, -2.121_944_4e-4);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let integer = shifted - ROUNDING;
    let rest = (x - integer * LN_2.0) - integer * LN_2.1;
    let tail = polynomial(rest, [0.499_999_93, 0.166_665_2, 0.041_668_39, 0.008_368_745, 0.001_381_453_9]);
    let fraction = (tail * rest) * rest + rest + 1.0;
    let result = f32::from_bits(fraction.to_bits().wrapping_add(shifted.to_bits() << 23));
    let finite = if x <= LARGEST { result } else { x * f32::INFINITY };
    if x < SMALLEST { 0.0 } else { finite }
}

/// The error function, within 3 units in the last place; exactly 1 and -1 where the result rounds to them.
///
/// A quotient of two polynomials of degree 5 in `x²`, fitted so that the largest relative error is smallest.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let x = clamp(x, 4.08);
    let square = x * x;
    let above = polynomial(
        square,
        [
            std::f32::consts::FRAC_2_SQRT_PI,
            0.196_965_02,
            0.053_503_554,
            0.004_014_904_6,
            2.849_335_7e-4,
            1.927_566_5e-6,
        ],
    );
    let below = polynomial(square, [1.0, 0.507_888, 0.116_717_41, 0.015_474_46, 0.001_212_530_3, 3.682_319_2e-5]);
    clamp(x * above / below, 1.0)
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `x` within `-bound..=bound`; what is not a number stays so, which `f32::min` would hide.
#[inline(always)]
fn clamp(x: f32, bound: f32) -> f32 {
    let x = if x > bound { bound } else { x };
    if x < -bound { -bound } else { x }
}

/// The polynomial with these coefficients, the constant first.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum * x + coefficients[i];
    }
    sum
}

/// The sum of the elements.
#[inline(always)]
pub(super) fn sum(row: &[f32]) -> f32 {
    sum_of_lanes(over_lanes(
        row,
        row,
        0.0,
        #[inline(always)]
        |sum, x, _| sum + x,
    ))
}

/// The sum of `a[i] * b[i]`.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum_of_lanes(over_lanes(
        a,
        b,
        0.0,
        #[inline(always)]
        |sum, a, b| sum + a * b,
    ))
}

/// The largest element; negative infinity of none. What is not a number is passed over.
#[inline(always)]
pub(super) fn largest(row: &[f32]) -> f32 {
    let mut lanes = over_lanes(
        row,
        row,
        f32::NEG_INFINITY,
        #[inline(always)]
        |largest, x, _| if x > largest { x } else { largest },
    );
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = if lanes[i + half] > lanes[i] { lanes[i + half] } else { lanes[i] };
        }
        half /= 2;
    }
    lanes[0]
}

/// Folds two rows of one length into [`LANES`] partial results, the elements taken in turns: first as many as there are
/// lanes, then half as many, then one by one. `step` must be marked `#[inline(always)]`.
#[inline(always)]
pub(super) fn over_lanes(a: &[f32], b: &[f32], start: f32, step: impl Fn(f32, f32, f32) -> f32) -> [f32; LANES] {
    const HALF: usize = LANES / 2;
    let mut lanes = [start; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            lanes[i] = step(lanes[i], a[i], b[i]);
        }
    }
    let ((a, a_rest), (b, b_rest)) = (a_rest.as_chunks::<HALF>(), b_rest.as_chunks::<HALF>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..HALF {
            lanes[i] = step(lanes[i], a[i], b[i]);
        }
    }
    for ((lane, a), b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane = step(*lane, *a, *b);
    }
    lanes
}

/// The sum of partial sums, by halves: the same order for every instruction set.
#[inline(always)]
pub(super) fn sum_of_lanes(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the ends of the functions and sums of small whole numbers are exact")]
mod tests {
    use super::*;

    /// The largest relative error of `function` against `exact` over `count` numbers from `from` to `to`.
    fn largest_error(function: fn(f32) -> f32, exact: fn(f64) -> f64, from: f32, to: f32) -> f64 {
        let count = 1_000_000;
        let points = (0..=count).map(|i| from + (to - from) * (i as f32 / count as f32));
        points.fold(0.0, |worst, x| {
            let exact = exact(f64::from(x));
            let error = (f64::from(function(x)) - exact).abs() / exact.abs().max(f64::MIN_POSITIVE);
            if error > worst { error } else { worst }
        })
    }

    #[test]
    fn exp_is_right_to_a_unit_in_the_last_place_wherever_its_result_is_a_normal_number() {
        for (from, to) in [(-87.33, 88.722), (-1.0, 1.0), (-1e-3, 1e-3)] {
            let error = largest_error(exp, f64::exp, from, to);
            assert!(error < 1.2e-7, "{from}..{to}: {error}");
        }
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn exp_ends_in_zero_infinity_and_what_is_not_a_number() {
        for x in [f32::NEG_INFINITY, f32::MIN, -1e30, -104.0, -87.34] {
            assert_eq!(exp(x), 0.0, "{x}");
        }
        for x in [88.73, 1e30, f32::MAX, f32::INFINITY] {
            assert_eq!(exp(x), f32::INFINITY, "{x}");
        }
        assert!(exp(f32::NAN).is_nan() && exp(f32::from_bits(0x7fc0_0001)).is_nan());
        assert!((exp(88.7228) / 3.402_7e38 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn erf_is_right_to_three_units_in_the_last_place() {
        let exact_erf = candle_core::cpu::erf::erf_f64;
        for (from, to) in [(-5.0, 5.0), (1e-30, 1e-3), (0.0, 100.0)] {
            let of_erf = largest_error(erf, exact_erf, from, to);
            assert!(of_erf < 3.6e-7, "{from}..{to}: {of_erf}");
        }
    }

    #[test]
    fn erf_ends_in_exactly_one_and_keeps_what_is_not_a_number() {
        for x in [9.0, 50.0, f32::MAX, f32::INFINITY] {
            assert_eq!((erf(x), erf(-x)), (1.0, -1.0), "{x}");
        }
        assert!(erf(f32::NAN).is_nan());
        assert_eq!(erf(0.0), 0.0);
    }

    #[test]
    fn sums_and_the_largest_see_every_element_of_rows_of_any_length() {
        for count in [0, 1, 7, 31, 32, 33, 63, 64, 65, 100, 384] {
            let row: Vec<f32> = (0..count).map(|i| (i % 13) as f32 - 6.0).collect();
            let exact: f64 = row.iter().map(|x| f64::from(*x)).sum();
            let squares: f64 = row.iter().map(|x| f64::from(*x).powi(2)).sum();
            assert_eq!(f64::from(sum(&row)), exact);
            assert_eq!(f64::from(dot(&row, &row)), squares);
            assert_eq!(largest(&row), row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
