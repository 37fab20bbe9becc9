//! Layer norm that trains.

use candle_core::{CpuStorage, CustomOp3, D, Layout, Result, Shape, Tensor, WithDType};
use candle_nn::{Init, VarBuilder};

use super::slices::{for_type_of, on_slices, slice};
use super::weight::Weight;
use crate::tensor::kernels::norm;

/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` over the last dimension.
///
/// Source: Ba, Kiros, Hinton, "Layer normalization" (2016); `torch.nn.LayerNorm`.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    weight: Weight,
    bias: Weight,
    epsilon: f64,
}

/// A layer norm over `width` numbers; its weight starts at one, its bias at zero.
pub fn layer_norm(width: usize, epsilon: f64, builder: VarBuilder<'_>) -> Result<LayerNorm> {
    Ok(LayerNorm {
        weight: Weight::ask(&builder, width, "weight", Init::Const(1.0))?,
        bias: Weight::ask(&builder, width, "bias", Init::Const(0.0))?,
        epsilon,
    })
}

impl LayerNorm {
    /// Its weight and its bias.
    pub(crate) fn weights(&self) -> (&Weight, &Weight) {
        (&self.weight, &self.bias)
    }

    /// `input`: `[…, width]`; the result has its shape.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        if on_slices(input) {
            let normalise = Normalise { epsilon: self.epsilon };
            return input.contiguous()?.apply_op3(&self.weight.value(), &self.bias.value(), normalise);
        }
        self.composed(input)
    }

    fn composed(&self, input: &Tensor) -> Result<Tensor> {
        let centred = input.broadcast_sub(&input.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let normal = centred.broadcast_div(&(variance + self.epsilon)?.sqrt()?)?;
        normal.broadcast_mul(&self.weight.value())?.broadcast_add(&self.bias.value())
    }
}

struct Normalise {
    epsilon: f64,
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "layer-norm"
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
            let (input, weight, bias) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?, slice::<Real>(s3, l3)?);
            let mut output = vec![0.0; input.len()];
            norm::layer_norm(input, weight, bias, self.epsilon as Real, &mut output);
            Ok((Real::to_cpu_storage_owned(output), l1.shape().clone()))
        })
    }

    fn bwd(
        &self,
        input: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        // One pass gives all three gradients; they come back as rows of one tensor: the input's, the weight's, the bias's.
        let width = weight.dim(0)?;
        let all =
            input.apply_op3_no_bwd(weight, &gradient.contiguous()?, &NormaliseBackward { epsilon: self.epsilon })?;
        let rows = input.elem_count() / width;
        let of_input = all.narrow(0, 0, rows)?.reshape(input.shape())?;
        let of_weight = all.narrow(0, rows, 1)?.reshape(width)?;
        let of_bias = all.narrow(0, rows + 1, 1)?.reshape(width)?;
        Ok((Some(of_input), Some(of_weight), Some(of_bias)))
    }
}

struct NormaliseBackward {
    epsilon: f64,
}

impl CustomOp3 for NormaliseBackward {
    fn name(&self) -> &'static str {
        "layer-norm-backward"
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
            let (of_weight, of_bias) =
                norm::layer_norm_backward(input, weight, gradient, self.epsilon as Real, &mut output);
            let rows = output.len() / weight.len() + 2;
            output.extend(of_weight);
            output.extend(of_bias);
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
        let (x, weight, bias) = (values((2, 3, 6), "x"), values(6, "weight"), values(6, "bias"));
        let scale = values((2, 3, 6), "scale");
        agree_with_differences(&[&x, &weight, &bias], |inputs| {
            let layer = LayerNorm { weight: inputs[1].clone().into(), bias: inputs[2].clone().into(), epsilon: 1e-5 };
            layer.forward(inputs[0])?.mul(&scale)?.sum_all()
        })
    }

    #[test]
    fn the_kernel_equals_the_composed_form() -> crate::Result<()> {
        let (x, weight, bias) = (values((70, 6), "x"), values(6, "weight"), values(6, "bias"));
        let (weight, bias) = (weight.as_tensor().clone().into(), bias.as_tensor().clone().into());
        let layer = LayerNorm { weight, bias, epsilon: 1e-5 };
        let composed = layer.composed(&x)?;
        let difference = (layer.forward(&x)? - composed)?.abs()?.max_all()?.to_scalar::<f64>()?;
        assert!(difference < 1e-12, "differs by {difference}");
        Ok(())
    }
}
