//! Softmax over the last dimension.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, D, Layout, Result, Shape, Tensor, WithDType};

use super::slices::{for_type_of, on_slices, slice};
use crate::tensor::kernels::rows;

/// Softmax over the last dimension, of any shape; rows sum to 1.
///
/// Source: `torch.nn.functional.softmax(input, dim=-1)`.
pub fn softmax(input: &Tensor) -> Result<Tensor> {
    if on_slices(input) { input.contiguous()?.apply_op1(Softmax) } else { candle_nn::ops::softmax(input, D::Minus1) }
}

/// The logarithm of softmax over the last dimension, without overflow.
pub fn log_softmax(input: &Tensor) -> Result<Tensor> {
    candle_nn::ops::log_softmax(input, D::Minus1)
}

struct Softmax;
struct SoftmaxBackward;

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(storage, self.name(), |Real| {
            let input = slice::<Real>(storage, layout)?;
            let mut output = vec![0.0; input.len()];
            rows::softmax(input, last_dimension(layout)?, &mut output);
            Ok((Real::to_cpu_storage_owned(output), layout.shape().clone()))
        })
    }

    fn bwd(&self, _: &Tensor, result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(result.apply_op2_no_bwd(&gradient.contiguous()?, &SoftmaxBackward)?))
    }
}

impl CustomOp2 for SoftmaxBackward {
    fn name(&self) -> &'static str {
        "softmax-backward"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(s1, self.name(), |Real| {
            let (result, gradient) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?);
            let mut output = vec![0.0; result.len()];
            rows::softmax_backward(result, gradient, last_dimension(l1)?, &mut output);
            Ok((Real::to_cpu_storage_owned(output), l1.shape().clone()))
        })
    }
}

fn last_dimension(layout: &Layout) -> Result<usize> {
    match layout.dims().last() {
        Some(columns) if *columns > 0 => Ok(*columns),
        _ => candle_core::bail!("softmax needs at least one number in the last dimension"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn gradients_of_softmax_and_log_softmax_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight) = (values((3, 5), "x"), values((3, 5), "weight"));
        agree_with_differences(&[&x], |inputs| softmax(inputs[0])?.mul(&weight)?.sum_all())?;
        agree_with_differences(&[&x], |inputs| log_softmax(inputs[0])?.mul(&weight)?.sum_all())
    }

    #[test]
    fn large_scores_do_not_overflow() -> crate::Result<()> {
        let input = Tensor::new(&[[1000.0f32, 0.0, -1000.0]], &candle_core::Device::Cpu)?;
        assert_eq!(softmax(&input)?.to_vec2::<f32>()?, [[1.0, 0.0, 0.0]]);
        Ok(())
    }
}
