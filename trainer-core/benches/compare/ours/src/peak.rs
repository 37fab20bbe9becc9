//! How many floating point operations a second the machine can do: fused multiply-adds in registers, on all threads.

use std::time::{Duration, Instant};

use pulp::{Arch, Simd, WithSimd};

/// How long it is measured.
const DURATION: Duration = Duration::from_secs(1);

/// Sums that do not wait for each other: more than a core's units times the latency of one of them.
const SUMS: usize = 12;

/// Multiply-adds of each sum between two looks at the clock.
const STEPS: usize = 1 << 14;

struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let factor = simd.splat_f32s(std::hint::black_box(0.999));
        let mut sums = [simd.splat_f32s(std::hint::black_box(1.0)); SUMS];
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, factor);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// How many numbers a vector has.
struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> usize {
        S::F32_LANES
    }
}

/// Billions of floating point operations a second, all threads together; a multiply-add counts as two.
pub(crate) fn gflops(threads: Option<usize>) -> f64 {
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(of_one_thread)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(0.0)).sum()
    })
}

fn of_one_thread() -> f64 {
    let arch = Arch::new();
    let lanes = arch.dispatch(Lanes);
    let (mut rounds, begin) = (0, Instant::now());
    while begin.elapsed() < DURATION {
        std::hint::black_box(arch.dispatch(MultiplyAdds));
        rounds += 1;
    }
    (2 * lanes * SUMS * STEPS * rounds) as f64 / begin.elapsed().as_secs_f64() / 1e9
}
