//! Arithmetic on slices: rows in, rows out, nothing that knows a batch.
//!
//! Every function checks that its lengths go together. Rows are shared between threads in fixed chunks, and sums over
//! rows are added chunk by chunk in order, so that the bits do not depend on the number of threads.

pub(crate) mod activation;
mod allocator;
#[cfg(any(feature = "openblas", feature = "mkl", feature = "accelerate"))]
mod blas;
#[cfg(target_arch = "x86_64")]
mod blocked;
pub(crate) mod dropout;
pub(crate) mod linear_cross_entropy;
pub(crate) mod matrix;
pub(crate) mod norm;
pub(crate) mod norm_gradients;
pub(crate) mod optimizer;
pub(crate) mod product;
pub(crate) mod rows;
mod shared;
pub(crate) mod simd;

pub(crate) use allocator::{keep_freed_memory, of_length};

/// `f32` or `f64`: training computes in the first, gradient checks in the second.
pub(crate) trait Real:
    num_traits::Float + num_traits::FloatConst + std::ops::AddAssign + Send + Sync + 'static
{
    /// A constant of the mathematics.
    fn of(value: f64) -> Self;
    /// The nearest `f32`.
    fn narrow(self) -> f32;
    /// The error function.
    fn erf(self) -> Self;
    /// These numbers if they are `f32`, for which there are faster forms.
    fn as_f32(values: &[Self]) -> Option<&[f32]>;
    /// These numbers if they are `f32`, to write to.
    fn as_f32_mut(values: &mut [Self]) -> Option<&mut [f32]>;
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as f32
    }
    fn narrow(self) -> f32 {
        self
    }
    fn erf(self) -> Self {
        simd::erf(self)
    }
    fn as_f32(values: &[Self]) -> Option<&[f32]> {
        Some(values)
    }
    fn as_f32_mut(values: &mut [Self]) -> Option<&mut [f32]> {
        Some(values)
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn narrow(self) -> f32 {
        self as f32
    }
    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f64(self)
    }
    fn as_f32(_: &[Self]) -> Option<&[f32]> {
        None
    }
    fn as_f32_mut(_: &mut [Self]) -> Option<&mut [f32]> {
        None
    }
}
