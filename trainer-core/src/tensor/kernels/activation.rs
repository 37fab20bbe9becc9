//! Activations and their derivatives, element by element.
//!
//! In come slices of one length, out goes a slice of that length. What ends in `_slice` works on the calling thread in
//! vector instructions; [`forward`] and [`backward`] share long slices between threads.
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use rayon::prelude::*;

use super::Real;
use super::simd::{dispatch, erf, exp, sigmoid};

const CHUNK: usize = 4096;

/// The activation functions that models name in `hidden_act`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x * Φ(x)`, by the error function (`gelu`).
    Gelu,
    /// The approximation of GELU by a hyperbolic tangent (`gelu_new`, `gelu_pytorch_tanh`).
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x * sigmoid(x)` (`silu`, `swish`).
    Silu,
}

/// The activation of every element.
pub(crate) fn forward<T: Real>(activation: Activation, input: &[T], output: &mut [T]) {
    assert_eq!(input.len(), output.len());
    output.par_chunks_mut(CHUNK).zip(input.par_chunks(CHUNK)).for_each(|(out, inp)| {
        if let (Some(inp), Some(out)) = (T::as_f32(inp), T::as_f32_mut(out)) {
            return forward_slice(activation, inp, out);
        }
        for (out, inp) in out.iter_mut().zip(inp) {
            *out = value_and_slope(activation, *inp).0;
        }
    });
}

/// The gradient of the input: the derivative at `input` times `gradient`.
pub(crate) fn backward<T: Real>(activation: Activation, input: &[T], gradient: &[T], output: &mut [T]) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    let chunks = output.par_chunks_mut(CHUNK).zip(input.par_chunks(CHUNK)).zip(gradient.par_chunks(CHUNK));
    chunks.for_each(|((out, inp), gradient)| {
        if let (Some(inp), Some(gradient), Some(out)) = (T::as_f32(inp), T::as_f32(gradient), T::as_f32_mut(out)) {
            return backward_slice(activation, inp, gradient, out);
        }
        for ((out, inp), gradient) in out.iter_mut().zip(inp).zip(gradient) {
            *out = value_and_slope(activation, *inp).1 * *gradient;
        }
    });
}

/// The activation of every element, on this thread.
pub(crate) fn forward_slice(activation: Activation, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len());
    match activation {
        Activation::Gelu => dispatch!(forward_as::<Gelu>(input, output)),
        Activation::GeluTanh => dispatch!(forward_as::<GeluTanh>(input, output)),
        Activation::Relu => dispatch!(forward_as::<Relu>(input, output)),
        Activation::Silu => dispatch!(forward_as::<Silu>(input, output)),
    }
}

/// The gradient of the input: the derivative at `input` times `gradient`, on this thread.
pub(crate) fn backward_slice(activation: Activation, input: &[f32], gradient: &[f32], output: &mut [f32]) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    match activation {
        Activation::Gelu => dispatch!(backward_as::<Gelu>(input, gradient, output)),
        Activation::GeluTanh => dispatch!(backward_as::<GeluTanh>(input, gradient, output)),
        Activation::Relu => dispatch!(backward_as::<Relu>(input, gradient, output)),
        Activation::Silu => dispatch!(backward_as::<Silu>(input, gradient, output)),
    }
}

/// Both at once: `gradient` is of the activation's result when it comes in and of `input` when it goes out; the result
/// itself is written to `output` again.
pub(crate) fn forward_and_backward_slice(
    activation: Activation,
    input: &[f32],
    gradient: &mut [f32],
    output: &mut [f32],
) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    match activation {
        Activation::Gelu => dispatch!(both_as::<Gelu>(input, gradient, output)),
        Activation::GeluTanh => dispatch!(both_as::<GeluTanh>(input, gradient, output)),
        Activation::Relu => dispatch!(both_as::<Relu>(input, gradient, output)),
        Activation::Silu => dispatch!(both_as::<Silu>(input, gradient, output)),
    }
}

/// `activation(gate) * up` for every element, on this thread.
pub(crate) fn gated_slice(activation: Activation, gate: &[f32], up: &[f32], output: &mut [f32]) {
    assert!(gate.len() == output.len() && up.len() == output.len());
    match activation {
        Activation::Gelu => dispatch!(gated_as::<Gelu>(gate, up, output)),
        Activation::GeluTanh => dispatch!(gated_as::<GeluTanh>(gate, up, output)),
        Activation::Relu => dispatch!(gated_as::<Relu>(gate, up, output)),
        Activation::Silu => dispatch!(gated_as::<Silu>(gate, up, output)),
    }
}

/// The gradients of `gate` and `up` from that of `activation(gate) * up`; `product` comes in as the gradient of the
/// product and goes out as the product itself, computed again.
pub(crate) fn gated_backward_slice(
    activation: Activation,
    gate: &[f32],
    up: &[f32],
    product: &mut [f32],
    of_gate: &mut [f32],
    of_up: &mut [f32],
) {
    assert!(gate.len() == product.len() && up.len() == product.len());
    assert!(of_gate.len() == product.len() && of_up.len() == product.len());
    match activation {
        Activation::Gelu => dispatch!(gated_backward_as::<Gelu>(gate, up, product, of_gate, of_up)),
        Activation::GeluTanh => dispatch!(gated_backward_as::<GeluTanh>(gate, up, product, of_gate, of_up)),
        Activation::Relu => dispatch!(gated_backward_as::<Relu>(gate, up, product, of_gate, of_up)),
        Activation::Silu => dispatch!(gated_backward_as::<Silu>(gate, up, product, of_gate, of_up)),
    }
}

/// An activation as a type, so that the loops over it are compiled one by one.
trait Curve {
    fn value(x: f32) -> f32;
    /// The value and the derivative, which have most of their work in common.
    fn value_and_slope(x: f32) -> (f32, f32);
}

struct Gelu;
struct GeluTanh;
struct Relu;
struct Silu;

impl Curve for Gelu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        x * (0.5 + 0.5 * erf(x * std::f32::consts::FRAC_1_SQRT_2))
    }

    #[inline(always)]
    fn value_and_slope(x: f32) -> (f32, f32) {
        let cumulative = 0.5 + 0.5 * erf(x * std::f32::consts::FRAC_1_SQRT_2);
        let density = exp(-0.5 * x * x) * DENSITY_AT_ZERO as f32;
        (x * cumulative, cumulative + x * density)
    }
}

impl Curve for GeluTanh {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        x * sigmoid(2.0 * TANH_SCALE as f32 * (x + TANH_CUBIC as f32 * (x * x) * x))
    }

    #[inline(always)]
    fn value_and_slope(x: f32) -> (f32, f32) {
        let square = x * x;
        // `(1 + tanh(y)) / 2` is the sigmoid of `2 * y`.
        let sigmoid = sigmoid(2.0 * TANH_SCALE as f32 * (x + TANH_CUBIC as f32 * square * x));
        let slope = 2.0 * TANH_SCALE as f32 * (1.0 + 3.0 * TANH_CUBIC as f32 * square);
        let value = x * sigmoid;
        (value, sigmoid + value * (1.0 - sigmoid) * slope)
    }
}

impl Curve for Relu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        if x < 0.0 { 0.0 } else { x }
    }

    #[inline(always)]
    fn value_and_slope(x: f32) -> (f32, f32) {
        (Self::value(x), if x > 0.0 { 1.0 } else { 0.0 })
    }
}

impl Curve for Silu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        x * sigmoid(x)
    }

    #[inline(always)]
    fn value_and_slope(x: f32) -> (f32, f32) {
        let sigmoid = sigmoid(x);
        let value = x * sigmoid;
        (value, sigmoid + value * (1.0 - sigmoid))
    }
}

#[inline(always)]
fn forward_as<C: Curve>(input: &[f32], output: &mut [f32]) {
    for (out, x) in output.iter_mut().zip(input) {
        *out = C::value(*x);
    }
}

#[inline(always)]
fn backward_as<C: Curve>(input: &[f32], gradient: &[f32], output: &mut [f32]) {
    for ((out, x), gradient) in output.iter_mut().zip(input).zip(gradient) {
        *out = C::value_and_slope(*x).1 * gradient;
    }
}

#[inline(always)]
fn both_as<C: Curve>(input: &[f32], gradient: &mut [f32], output: &mut [f32]) {
    for ((out, x), gradient) in output.iter_mut().zip(input).zip(gradient) {
        let (value, slope) = C::value_and_slope(*x);
        *out = value;
        *gradient *= slope;
    }
}

#[inline(always)]
fn gated_as<C: Curve>(gate: &[f32], up: &[f32], output: &mut [f32]) {
    for ((out, gate), up) in output.iter_mut().zip(gate).zip(up) {
        *out = C::value(*gate) * up;
    }
}

#[inline(always)]
fn gated_backward_as<C: Curve>(gate: &[f32], up: &[f32], product: &mut [f32], of_gate: &mut [f32], of_up: &mut [f32]) {
    let outputs = product.iter_mut().zip(of_gate).zip(of_up);
    for (((product, of_gate), of_up), (gate, up)) in outputs.zip(gate.iter().zip(up)) {
        let (value, slope) = C::value_and_slope(*gate);
        let gradient = *product;
        *of_gate = gradient * up * slope;
        *of_up = gradient * value;
        *product = value * up;
    }
}

/// `sqrt(2 / π)`.
const TANH_SCALE: f64 = 0.797_884_560_802_865_4;
const TANH_CUBIC: f64 = 0.044_715;
/// `1 / sqrt(2 * π)`.
const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;

/// The value and the derivative in the precision of `T`, by the functions of the library.
fn value_and_slope<T: Real>(activation: Activation, x: T) -> (T, T) {
    let (zero, half, one) = (T::zero(), T::of(0.5), T::one());
    match activation {
        Activation::Gelu => {
            let cumulative = half * (one + (x * T::FRAC_1_SQRT_2()).erf());
            let density = (-half * x * x).exp() * T::of(DENSITY_AT_ZERO);
            (x * cumulative, cumulative + x * density)
        }
        Activation::GeluTanh => {
            let tanh = (T::of(TANH_SCALE) * (x + T::of(TANH_CUBIC) * x * x * x)).tanh();
            let slope = T::of(TANH_SCALE) * (one + T::of(3.0 * TANH_CUBIC) * x * x);
            (half * x * (one + tanh), half * (one + tanh) + half * x * (one - tanh * tanh) * slope)
        }
        Activation::Relu => (x.max(zero), if x > zero { one } else { zero }),
        Activation::Silu => {
            let sigmoid = (one + (-x).exp()).recip();
            (x * sigmoid, sigmoid * (one + x * (one - sigmoid)))
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is nothing is exactly nothing")]
mod tests {
    use super::*;

    const ALL: [Activation; 4] = [Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Silu];

    #[test]
    fn values_and_derivatives_agree_with_f64() {
        let input: Vec<f32> = (-20_000..=20_000).map(|i| i as f32 * 1e-3 + 1e-4).collect();
        for activation in ALL {
            let (mut gradient, mut output) = (vec![1.0; input.len()], vec![0.0; input.len()]);
            forward_and_backward_slice(activation, &input, &mut gradient, &mut output);
            for ((x, slope), value) in input.iter().zip(gradient).zip(output) {
                let exact = value_and_slope(activation, f64::from(*x));
                let of_value = (f64::from(value) - exact.0).abs() / f64::from(x.abs()).max(1.0);
                let of_slope = (f64::from(slope) - exact.1).abs();
                // `1 - sigmoid` has lost digits where it is multiplied by `x²`.
                assert!(of_value < 2.5e-7 && of_slope < 2e-6, "{activation:?} at {x}: {of_value} and {of_slope}");
            }
        }
    }

    #[test]
    fn every_form_computes_the_same_bits() {
        let input: Vec<f32> = (0..77).map(|i| (i as f32 - 38.0) / 7.0).collect();
        let up: Vec<f32> = (0..77).map(|i| (i as f32 - 20.0) / 11.0).collect();
        for activation in ALL {
            let [mut alone, mut slope, mut both, mut gradient] = std::array::from_fn(|_| vec![0.0; 77]);
            forward_slice(activation, &input, &mut alone);
            backward_slice(activation, &input, &up, &mut slope);
            gradient.copy_from_slice(&up);
            forward_and_backward_slice(activation, &input, &mut gradient, &mut both);
            assert_eq!((&alone, &slope), (&both, &gradient), "{activation:?}");
            let [mut gated, mut of_gate, mut of_up] = std::array::from_fn(|_| vec![0.0; 77]);
            gated_slice(activation, &input, &up, &mut gated);
            let mut product = vec![1.0; 77];
            gated_backward_slice(activation, &input, &up, &mut product, &mut of_gate, &mut of_up);
            assert_eq!((&gated, &alone, &slope), (&product, &of_up, &of_gate), "{activation:?}");
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for activation in ALL {
            let mut output = [0.0];
            forward_slice(activation, &[f32::NAN], &mut output);
            assert!(output[0].is_nan(), "{activation:?}");
            forward_slice(activation, &[-1e4], &mut output);
            assert_eq!(output[0], 0.0, "{activation:?}");
        }
    }
}
