//! Binary cross-entropy: each class is there or not.

use candle_core::{D, Tensor};

use super::{Loss, LossSum, labels_like_logits};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::Output;

/// Binary cross-entropy of logits `[items, classes]` against labels of the same shape, 1.0 for a class that is there.
///
/// The weight is the number of labels, `items * classes`. Computed so that large logits do not overflow.
///
/// Source: `torch.nn.BCEWithLogitsLoss(reduction="sum")`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BinaryCrossEntropy;

/// Binary cross-entropy, all classes alike.
pub fn bce() -> BinaryCrossEntropy {
    BinaryCrossEntropy
}

/// `max(x, 0) - x·y + ln(1 + exp(-|x|))` for every label.
fn per_label(output: &Output, batch: &Batch) -> Result<Tensor> {
    let labels = labels_like_logits(output, batch, "bce")?;
    let logits = &output.logits;
    let rest = (logits.abs()?.neg()?.exp()? + 1.0)?.log()?;
    Ok(((logits.relu()? - logits.mul(&labels)?)? + rest)?)
}

impl Loss for BinaryCrossEntropy {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        let per_label = per_label(output, batch)?;
        let count = per_label.elem_count() as f64;
        Ok(LossSum::new(per_label.sum_all()?, count))
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        Ok(Some(per_label(output, batch)?.mean(D::Minus1)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn large_logits_do_not_overflow_and_the_mean_equals_that_of_torch() -> Result<()> {
        let logits = Var::new(&[[0.2f64, -120.0, 0.7], [150.0, 0.3, -0.2]], &Device::Cpu)?;
        let labels = Tensor::new(&[[1.0f32, 0.0, 1.0], [0.0, 1.0, 0.0]], &Device::Cpu)?;
        let batch = Batch { rows: vec![0, 1], labels: Some(labels), ..Batch::default() };
        let loss = bce().loss(&Output { logits: logits.as_tensor().clone() }, &batch)?;
        let mean = loss.sum().to_scalar::<f64>()? / loss.weight();
        // torch.nn.functional.binary_cross_entropy_with_logits (torch 2.15, f64).
        assert!((mean - 25.358969838686193).abs() < 1e-12, "{mean}");
        let gradients = loss.sum().backward()?;
        let gradient = gradients.get(&logits).expect("logits have a gradient").to_vec2::<f64>()?;
        assert!(gradient.iter().flatten().all(|value| value.is_finite()), "{gradient:?}");
        Ok(())
    }
}
