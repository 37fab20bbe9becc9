//! From candle's storage to slices and back, for operations that run on kernels.

use candle_core::{CpuStorage, Layout, Result, Tensor, WithDType, bail};

/// The elements of a contiguous tensor on the CPU.
pub(crate) fn slice<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let data = storage.as_slice::<T>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&data[start..end]),
        None => bail!("this operation needs contiguous tensors"),
    }
}

/// Runs `$body` with `$real` standing for the type of the numbers in `$storage`.
macro_rules! for_type_of {
    ($storage:expr, $name:expr, |$real:ident| $body:expr) => {
        match $storage {
            candle_core::CpuStorage::F32(_) => {
                type $real = f32;
                $body
            }
            candle_core::CpuStorage::F64(_) => {
                type $real = f64;
                $body
            }
            other => {
                use candle_core::backend::BackendStorage as _;
                candle_core::bail!("`{}` computes in f32 or f64, not in {:?}", $name, other.dtype())
            }
        }
    };
}
pub(crate) use for_type_of;

/// Whether kernels on slices can compute with it; other devices and types take the composed form.
pub(crate) fn on_slices(tensor: &Tensor) -> bool {
    use candle_core::DType;
    tensor.device().is_cpu() && matches!(tensor.dtype(), DType::F32 | DType::F64)
}
