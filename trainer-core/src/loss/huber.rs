//! The error of numbers, squared where it is small and absolute where it is large.

use candle_core::{D, Tensor};

use super::mean_absolute_error::distances;
use super::{Loss, LossSum, smoothing};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Output;

/// Huber's loss of outputs `[items, N]` against numbers of the same shape: `d² / 2` up to a distance of `delta`, and
/// `delta (d - delta / 2)` beyond it.
///
/// The weight is the number of numbers, `items * N`.
///
/// Source: `torch.nn.HuberLoss(reduction="sum", delta=…)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    delta: f64,
}

/// Huber's loss with a `delta` of 1.
pub fn huber() -> Huber {
    Huber { delta: 1.0 }
}

impl Huber {
    /// The distance up to which the error is squared; above 0.
    pub fn delta(self, delta: f64) -> Self {
        Self { delta }
    }

    fn per_number(self, output: &Output, batch: &Batch) -> Result<Tensor> {
        if !(self.delta > 0.0 && self.delta.is_finite()) {
            return Err(Error::new(ErrorKind::Arguments, format!("the `delta` of `huber` is {}", self.delta))
                .help("write a `delta` above 0, such as 1.0"));
        }
        let distances = distances(output, batch, "huber")?;
        let within = distances.minimum(self.delta)?;
        let beyond = ((&distances - &within)? * self.delta)?;
        Ok(((within.sqr()? * 0.5)? + beyond)?)
    }
}

impl Loss for Huber {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        let per_number = self.per_number(output, batch)?;
        let count = per_number.elem_count() as f64;
        Ok(LossSum::new(per_number.sum_all()?, count))
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        Ok(Some(self.per_number(output, batch)?.mean(D::Minus1)?))
    }

    fn with_label_smoothing(&self, factor: f64) -> Result<Box<dyn Loss>> {
        smoothing::refused("huber", "compares numbers, which are no classes", factor)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::*;

    fn batch() -> Result<Batch> {
        let labels = Some(Tensor::new(&[[2.0f32, 0.5], [1.0, 0.75], [3.0, -0.75]], &Device::Cpu)?);
        Ok(Batch { rows: vec![0, 1, 2], labels, ..Batch::default() })
    }

    /// `torch.nn.functional.huber_loss` (torch 2.15, f64), whose mean over six numbers is 0.921875, and 0.546875 for a delta
    /// of 0.5. An output is exactly right, and one exactly `delta` away.
    #[test]
    fn sums_and_gradients_equal_those_of_torch() -> Result<()> {
        let expected = [
            (huber(), 0.921875, [[-1.0, -1.0], [1.0, -0.25], [0.0, 1.0]]),
            (huber().delta(0.5), 0.546875, [[-0.5, -0.5], [0.5, -0.25], [0.0, 0.5]]),
        ];
        for (loss, mean, of_torch) in expected {
            let outputs = Var::new(&[[1.0f64, -2.0], [4.0, 0.5], [3.0, 0.25]], &Device::Cpu)?;
            let found = loss.loss(&Output { logits: outputs.as_tensor().clone() }, &batch()?)?;
            assert_eq!((found.sum().to_scalar::<f64>()?, found.weight()), (mean * 6.0, 6.0));
            let gradients = found.sum().backward()?;
            assert_eq!(gradients.get(&outputs).expect("outputs have a gradient").to_vec2::<f64>()?, of_torch);
        }
        Ok(())
    }

    #[test]
    fn a_delta_of_nothing_is_refused() -> Result<()> {
        let output = Output { logits: Tensor::zeros((3, 2), DType::F32, &Device::Cpu)? };
        for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = huber().delta(delta).loss(&output, &batch()?).unwrap_err();
            assert!(error.message().starts_with("the `delta` of `huber` is "), "{error}");
        }
        Ok(())
    }
}
