//! Activation functions.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};

use super::slices::{for_type_of, on_slices, slice};
use crate::tensor::Activation;
use crate::tensor::kernels::activation::{backward, forward};

/// The activation of every element.
pub fn activate(input: &Tensor, activation: Activation) -> Result<Tensor> {
    if on_slices(input) {
        return input.contiguous()?.apply_op1(Activate(activation));
    }
    match activation {
        Activation::Gelu => input.gelu_erf(),
        Activation::GeluTanh => input.gelu(),
        Activation::Relu => input.relu(),
        Activation::Silu => input.silu(),
    }
}

struct Activate(Activation);
struct ActivateBackward(Activation);

impl CustomOp1 for Activate {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(storage, self.name(), |Real| {
            let input = slice::<Real>(storage, layout)?;
            let mut output = vec![0.0; input.len()];
            forward(self.0, input, &mut output);
            Ok((Real::to_cpu_storage_owned(output), layout.shape().clone()))
        })
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(input.apply_op2_no_bwd(&gradient.contiguous()?, &ActivateBackward(self.0))?))
    }
}

impl CustomOp2 for ActivateBackward {
    fn name(&self) -> &'static str {
        "activation-backward"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(s1, self.name(), |Real| {
            let (input, gradient) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?);
            let mut output = vec![0.0; input.len()];
            backward(self.0, input, gradient, &mut output);
            Ok((Real::to_cpu_storage_owned(output), l1.shape().clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn gradients_of_every_activation_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight) = (values((2, 9), "x"), values((2, 9), "weight"));
        for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Silu] {
            agree_with_differences(&[&x], |inputs| activate(inputs[0], activation)?.mul(&weight)?.sum_all())?;
        }
        Ok(())
    }

    #[test]
    fn the_kernel_equals_the_composed_form() -> crate::Result<()> {
        let x = values((4, 7), "x");
        for (activation, composed) in [
            (Activation::Gelu, x.gelu_erf()?),
            (Activation::GeluTanh, x.gelu()?),
            (Activation::Relu, x.relu()?),
            (Activation::Silu, x.silu()?),
        ] {
            let difference = (activate(&x, activation)? - composed)?.abs()?.max_all()?.to_scalar::<f64>()?;
            assert!(difference < 1e-12, "{activation:?} differs by {difference}");
        }
        Ok(())
    }
}
