//! Root-mean-square norm that trains.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, D, Layout, Result, Shape, Tensor, WithDType};
use candle_nn::{Init, VarBuilder};

use super::slices::{for_type_of, on_slices, slice};
use super::weight::Weight;
use crate::tensor::kernels::norm;

/// `x / sqrt(mean(x²) + epsilon) * weight` over the last dimension.
///
/// Source: Zhang, Sennrich, "Root mean square layer normalization" (2019); `torch.nn.RMSNorm`.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    weight: Weight,
    epsilon: f64,
}

/// A norm over `width` numbers; its weight starts at one.
pub fn rms_norm(width: usize, epsilon: f64, builder: VarBuilder<'_>) -> Result<RmsNorm> {
    Ok(RmsNorm { weight: Weight::ask(&builder, width, "weight", Init::Const(1.0))?, epsilon })
}

impl RmsNorm {
    /// Its weight.
    pub(crate) fn weight(&self) -> &Weight {
        &self.weight
    }

    /// `input`: `[…, width]`; the result has its shape.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        if on_slices(input) {
            return input.contiguous()?.apply_op2(&self.weight.value(), Normalise { epsilon: self.epsilon });
        }
        self.composed(input)
    }

    fn composed(&self, input: &Tensor) -> Result<Tensor> {
        let mean_square = input.sqr()?.mean_keepdim(D::Minus1)?;
        let normal = input.broadcast_div(&(mean_square + self.epsilon)?.sqrt()?)?;
        normal.broadcast_mul(&self.weight.value())
    }
}

struct Normalise {
    epsilon: f64,
}

impl CustomOp2 for Normalise {
    fn name(&self) -> &'static str {
        "rms-norm"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(s1, self.name(), |Real| {
            let (input, weight) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?);
            let mut output = vec![0.0; input.len()];
            norm::rms_norm(input, weight, self.epsilon as Real, &mut output);
            Ok((Real::to_cpu_storage_owned(output), l1.shape().clone()))
        })
    }

    fn bwd(
        &self,
        input: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let width = weight.dim(0)?;
        let backward = NormaliseBackward { epsilon: self.epsilon };
        let both = input.apply_op3_no_bwd(weight, &gradient.contiguous()?, &backward)?;
        let rows = input.elem_count() / width;
        let of_input = both.narrow(0, 0, rows)?.reshape(input.shape())?;
        let of_weight = both.narrow(0, rows, 1)?.reshape(width)?;
        Ok((Some(of_input), Some(of_weight)))
    }
}

struct NormaliseBackward {
    epsilon: f64,
}

impl CustomOp3 for NormaliseBackward {
    fn name(&self) -> &'static str {
        "rms-norm-backward"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        for_type_of!(s1, self.name(), |Real| {
            let (input, weight, gradient) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?, slice::<Real>(s3, l3)?);
            let mut output = vec![0.0; input.len()];
            let of_weight = norm::rms_norm_backward(input, weight, gradient, self.epsilon as Real, &mut output);
            let rows = output.len() / weight.len() + 1;
            output.extend(of_weight);
            Ok((Real::to_cpu_storage_owned(output), Shape::from((rows, weight.len()))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn gradients_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight, scale) = (values((2, 3, 6), "x"), values(6, "weight"), values((2, 3, 6), "scale"));
        agree_with_differences(&[&x, &weight], |inputs| {
            let layer = RmsNorm { weight: inputs[1].clone().into(), epsilon: 1e-5 };
            layer.forward(inputs[0])?.mul(&scale)?.sum_all()
        })
    }

    #[test]
    fn the_kernel_equals_the_composed_form() -> crate::Result<()> {
        let (x, weight) = (values((70, 6), "x"), values(6, "weight"));
        let layer = RmsNorm { weight: weight.as_tensor().clone().into(), epsilon: 1e-5 };
        let composed = layer.composed(&x)?;
        let difference = (layer.forward(&x)? - composed)?.abs()?.max_all()?.to_scalar::<f64>()?;
        assert!(difference < 1e-12, "differs by {difference}");
        Ok(())
    }
}
