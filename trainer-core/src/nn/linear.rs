//! Linear layers.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, D, DType, Layout, Result, Shape, Tensor, WithDType};
use candle_nn::{Init, VarBuilder};

use super::slices::{for_type_of, on_slices, slice};
use crate::tensor::kernels::rows;

/// `input · weightᵀ + bias`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

/// A layer from `inputs` to `outputs` numbers, its weight drawn from a normal distribution of deviation `deviation`
/// (`initializer_range`), its bias zero.
pub fn linear(inputs: usize, outputs: usize, deviation: f64, builder: VarBuilder<'_>) -> Result<Linear> {
    let bias = builder.get_with_hints(outputs, "bias", Init::Const(0.0))?;
    Ok(Linear { bias: Some(bias), ..linear_without_bias(inputs, outputs, deviation, builder)? })
}

/// As [`linear`], without a bias.
pub fn linear_without_bias(inputs: usize, outputs: usize, deviation: f64, builder: VarBuilder<'_>) -> Result<Linear> {
    let init = Init::Randn { mean: 0.0, stdev: deviation };
    Ok(Linear { weight: builder.get_with_hints((outputs, inputs), "weight", init)?, bias: None })
}

impl Linear {
    /// The type of its numbers.
    pub fn dtype(&self) -> DType {
        self.weight.dtype()
    }

    /// `input`: `[…, inputs]`; the result: `[…, outputs]`.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let rows = input.elem_count() / input.dim(D::Minus1)?.max(1);
        let flat = input.reshape((rows, input.dim(D::Minus1)?))?;
        let product = flat.matmul(&self.weight.t()?)?;
        let output = match &self.bias {
            Some(bias) if on_slices(&product) => product.apply_op2(bias, AddToRows)?,
            Some(bias) => product.broadcast_add(bias)?,
            None => product,
        };
        let mut shape = input.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = self.weight.dim(0)?;
        }
        output.reshape(shape)
    }
}

struct AddToRows;

impl CustomOp2 for AddToRows {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(s1, self.name(), |Real| {
            let (input, bias) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?);
            let mut output = vec![0.0; input.len()];
            rows::add_to_rows(input, bias, &mut output);
            Ok((Real::to_cpu_storage_owned(output), l1.shape().clone()))
        })
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let of_bias = gradient.apply_op1_no_bwd(&SumOfRows)?;
        Ok((Some(gradient), Some(of_bias)))
    }
}

struct SumOfRows;

impl CustomOp1 for SumOfRows {
    fn name(&self) -> &'static str {
        "sum-of-rows"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(storage, self.name(), |Real| {
            let columns = layout.dims()[1];
            let sum = rows::sum_of_rows(slice::<Real>(storage, layout)?, columns);
            Ok((Real::to_cpu_storage_owned(sum), Shape::from(columns)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn gradients_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight, bias) = (values((2, 3, 4), "x"), values((5, 4), "weight"), values(5, "bias"));
        let scale = values((2, 3, 5), "scale");
        agree_with_differences(&[&x, &weight, &bias], |inputs| {
            let layer = Linear { weight: inputs[1].clone(), bias: Some(inputs[2].clone()) };
            layer.forward(inputs[0])?.mul(&scale)?.sum_all()
        })
    }

    #[test]
    fn gradients_without_a_bias_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight, scale) = (values((3, 4), "x"), values((5, 4), "weight"), values((3, 5), "scale"));
        agree_with_differences(&[&x, &weight], |inputs| {
            let layer = Linear { weight: inputs[1].clone(), bias: None };
            layer.forward(inputs[0])?.mul(&scale)?.sum_all()
        })
    }
}
