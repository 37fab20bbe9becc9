//! The product with a weight that is not trained: its backward computes the gradient of the input alone.

use candle_core::backend::BackendStorage as _;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Storage, Tensor};

use super::slices::on_slices;

/// `input · weightᵀ`, of `[rows, inputs]` and `[outputs, inputs]`; the weight gets no gradient.
///
/// candle's own product computes the gradients of both sides and keeps them, whether or not they are asked for.
pub(super) fn frozen_product(input: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let weight = weight.detach();
    if on_slices(input) { input.apply_op1(FrozenProduct { weight }) } else { input.matmul(&weight.t()?) }
}

struct FrozenProduct {
    weight: Tensor,
}

impl CustomOp1 for FrozenProduct {
    fn name(&self) -> &'static str {
        "frozen-product"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, inputs) = layout.shape().dims2()?;
        let transposed = self.weight.t()?;
        let (_, outputs) = transposed.dims2()?;
        let (weight, weight_layout) = transposed.storage_and_layout();
        let Storage::Cpu(weight) = &*weight else { candle_core::bail!("the weight of a layer is on another device") };
        let product = storage.matmul(weight, (1, rows, outputs, inputs), layout, weight_layout)?;
        Ok((product, Shape::from((rows, outputs))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.matmul(&self.weight)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn it_is_the_product_and_only_the_input_gets_a_gradient() -> crate::Result<()> {
        let (x, weight, scale) = (values((3, 4), "x"), values((5, 4), "weight"), values((3, 5), "scale"));
        agree_with_differences(&[&x], |inputs| frozen_product(inputs[0], &weight)?.mul(&scale)?.sum_all())?;
        let product = frozen_product(&x, &weight)?;
        let difference = (&product - x.matmul(&weight.t()?)?)?.abs()?.max_all()?.to_scalar::<f64>()?;
        assert!(difference < 1e-12, "differs by {difference}");
        assert!(product.sum_all()?.backward()?.get(&weight).is_none());
        Ok(())
    }
}
