//! Arithmetic on slices: rows in, rows out, nothing that knows a batch.
//!
//! Every function checks that its lengths go together. Rows are shared between threads in fixed chunks, and sums over
//! rows are added chunk by chunk in order, so that the bits do not depend on the number of threads.

pub(crate) mod activation;
mod allocator;
pub(crate) mod linear_cross_entropy;
pub(crate) mod norm;
pub(crate) mod optimizer;
pub(crate) mod rows;

pub(crate) use allocator::keep_freed_memory;

/// `f32` or `f64`: training computes in the first, gradient checks in the second.
pub(crate) trait Real:
    num_traits::Float + num_traits::FloatConst + std::ops::AddAssign + Send + Sync + 'static
{
    /// A constant of the mathematics.
    fn of(value: f64) -> Self;
    /// The error function.
    fn erf(self) -> Self;
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as f32
    }
    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f32(self)
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f64(self)
    }
}
