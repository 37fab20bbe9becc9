//! The absolute error of numbers.

use candle_core::{D, Tensor};

use super::{Loss, LossSum, labels_like_logits, smoothing};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::Output;

/// The absolute error of outputs `[items, N]` against numbers of the same shape.
///
/// The weight is the number of numbers, `items * N`. Where an output is exactly right, its gradient is 0.
///
/// Source: `torch.nn.L1Loss(reduction="sum")`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanAbsoluteError;

/// The absolute error.
pub fn mae() -> MeanAbsoluteError {
    MeanAbsoluteError
}

/// How far each output is from its number. The gradient at 0 is 0, and not 1 as that of `abs`.
pub(super) fn distances(output: &Output, batch: &Batch, name: &str) -> Result<Tensor> {
    let difference = (&output.logits - labels_like_logits(output, batch, name)?)?;
    Ok(difference.mul(&difference.detach().sign()?)?)
}

impl Loss for MeanAbsoluteError {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        let distances = distances(output, batch, "mae")?;
        let count = distances.elem_count() as f64;
        Ok(LossSum::new(distances.sum_all()?, count))
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        Ok(Some(distances(output, batch, "mae")?.mean(D::Minus1)?))
    }

    fn with_label_smoothing(&self, factor: f64) -> Result<Box<dyn Loss>> {
        smoothing::refused("mae", "compares numbers, which are no classes", factor)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn sum_and_gradient_equal_those_of_torch() -> Result<()> {
        let outputs = Var::new(&[[1.0f64, -2.0], [4.0, 0.5], [3.0, 0.25]], &Device::Cpu)?;
        let labels = Some(Tensor::new(&[[2.0f32, 0.5], [1.0, 0.75], [3.0, -0.75]], &Device::Cpu)?);
        let batch = Batch { rows: vec![0, 1, 2], labels, ..Batch::default() };
        let output = Output { logits: outputs.as_tensor().clone() };
        let loss = mae().loss(&output, &batch)?;
        // torch.nn.functional.l1_loss (torch 2.15, f64): 1.2916666666666667 is the mean.
        assert_eq!((loss.sum().to_scalar::<f64>()?, loss.weight()), (7.75, 6.0));
        let gradients = loss.sum().backward()?;
        let gradient = gradients.get(&outputs).expect("outputs have a gradient").to_vec2::<f64>()?;
        assert_eq!(gradient, [[-1.0, -1.0], [1.0, -1.0], [0.0, 1.0]]);
        let of_items = mae().item_losses(&output, &batch)?.expect("the loss knows them").to_vec1::<f64>()?;
        assert_eq!(of_items, [1.75, 1.625, 0.5]);
        Ok(())
    }

    #[test]
    fn classes_are_no_numbers_and_numbers_are_not_smoothed() -> Result<()> {
        let output = Output { logits: Tensor::new(&[[1.0f32], [4.0]], &Device::Cpu)? };
        let labels = Some(Tensor::new(&[0u32, 1], &Device::Cpu)?);
        assert!(mae().loss(&output, &Batch { rows: vec![0, 1], labels, ..Batch::default() }).is_err());
        let message = mae().with_label_smoothing(0.1).err().map(|error| error.message().to_owned());
        let expected = "`label_smoothing_factor` is 0.1, but `mae` compares numbers, which are no classes";
        assert_eq!(message.as_deref(), Some(expected));
        Ok(())
    }
}
