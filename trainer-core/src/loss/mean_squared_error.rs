//! The squared error of numbers.

use candle_core::{D, Tensor};

use super::{Loss, LossSum, labels_like_logits, smoothing};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::Output;

/// The squared error of outputs `[items, N]` against numbers of the same shape.
///
/// The weight is the number of numbers, `items * N`.
///
/// Source: `torch.nn.MSELoss(reduction="sum")`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanSquaredError;

/// The squared error.
pub fn mse() -> MeanSquaredError {
    MeanSquaredError
}

fn per_number(output: &Output, batch: &Batch) -> Result<Tensor> {
    let labels = labels_like_logits(output, batch, "mse")?;
    Ok((&output.logits - labels)?.sqr()?)
}

impl Loss for MeanSquaredError {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        let per_number = per_number(output, batch)?;
        let count = per_number.elem_count() as f64;
        Ok(LossSum::new(per_number.sum_all()?, count))
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        Ok(Some(per_number(output, batch)?.mean(D::Minus1)?))
    }

    fn with_label_smoothing(&self, factor: f64) -> Result<Box<dyn Loss>> {
        smoothing::refused("mse", "compares numbers, which are no classes", factor)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_sum_counts_every_number() -> Result<()> {
        let output = Output { logits: Tensor::new(&[[1.0f32], [4.0]], &Device::Cpu)? };
        let labels = Some(Tensor::new(&[[2.0f32], [1.0]], &Device::Cpu)?);
        let loss = mse().loss(&output, &Batch { rows: vec![0, 1], labels, ..Batch::default() })?;
        assert_eq!((loss.sum().to_scalar::<f32>()?, loss.weight()), (10.0, 2.0));
        Ok(())
    }

    #[test]
    fn classes_are_no_numbers() -> Result<()> {
        let output = Output { logits: Tensor::new(&[[1.0f32], [4.0]], &Device::Cpu)? };
        let labels = Some(Tensor::new(&[0u32, 1], &Device::Cpu)?);
        let loss = mse().loss(&output, &Batch { rows: vec![0, 1], labels, ..Batch::default() });
        assert!(loss.is_err());
        Ok(())
    }
}
