//! Activations and their derivatives, element by element.

use rayon::prelude::*;

use super::Real;

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
    let function = match activation {
        Activation::Gelu => gelu::<T>,
        Activation::GeluTanh => gelu_tanh::<T>,
        Activation::Relu => |x: T| x.max(T::zero()),
        Activation::Silu => |x: T| x / (T::one() + (-x).exp()),
    };
    output.par_chunks_mut(CHUNK).zip(input.par_chunks(CHUNK)).for_each(|(out, inp)| {
        for (out, inp) in out.iter_mut().zip(inp) {
            *out = function(*inp);
        }
    });
}

/// The gradient of the input: the derivative at `input` times `gradient`.
pub(crate) fn backward<T: Real>(activation: Activation, input: &[T], gradient: &[T], output: &mut [T]) {
    assert!(input.len() == output.len() && gradient.len() == output.len());
    let derivative = match activation {
        Activation::Gelu => gelu_derivative::<T>,
        Activation::GeluTanh => gelu_tanh_derivative::<T>,
        Activation::Relu => |x: T| if x > T::zero() { T::one() } else { T::zero() },
        Activation::Silu => silu_derivative::<T>,
    };
    let chunks = output.par_chunks_mut(CHUNK).zip(input.par_chunks(CHUNK)).zip(gradient.par_chunks(CHUNK));
    chunks.for_each(|((out, inp), gradient)| {
        for ((out, inp), gradient) in out.iter_mut().zip(inp).zip(gradient) {
            *out = derivative(*inp) * *gradient;
        }
    });
}

fn gelu<T: Real>(x: T) -> T {
    x * T::of(0.5) * (T::one() + (x * T::FRAC_1_SQRT_2()).erf())
}

fn gelu_derivative<T: Real>(x: T) -> T {
    let cumulative = T::of(0.5) * (T::one() + (x * T::FRAC_1_SQRT_2()).erf());
    let density = (-T::of(0.5) * x * x).exp() * T::of(0.398_942_280_401_432_7);
    cumulative + x * density
}

/// `sqrt(2 / π)`.
const TANH_SCALE: f64 = 0.797_884_560_802_865_4;
const TANH_CUBIC: f64 = 0.044_715;

fn gelu_tanh<T: Real>(x: T) -> T {
    let inner = T::of(TANH_SCALE) * (x + T::of(TANH_CUBIC) * x * x * x);
    T::of(0.5) * x * (T::one() + inner.tanh())
}

fn gelu_tanh_derivative<T: Real>(x: T) -> T {
    let tanh = (T::of(TANH_SCALE) * (x + T::of(TANH_CUBIC) * x * x * x)).tanh();
    let slope = T::of(TANH_SCALE) * (T::one() + T::of(3.0 * TANH_CUBIC) * x * x);
    T::of(0.5) * (T::one() + tanh) + T::of(0.5) * x * (T::one() - tanh * tanh) * slope
}

fn silu_derivative<T: Real>(x: T) -> T {
    let sigmoid = (T::one() + (-x).exp()).recip();
    sigmoid * (T::one() + x * (T::one() - sigmoid))
}
