//! Binary cross-entropy: each class is there or not.

use candle_core::{D, Tensor};

use super::{Loss, LossSum, labels_like_logits, smoothing};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Output;

/// Binary cross-entropy of logits `[items, classes]` against labels of the same shape, 1.0 for a class that is there.
///
/// The weight is the number of labels, `items * classes`, whatever the classes weigh. Computed so that large logits do not
/// overflow.
///
/// Source: `torch.nn.BCEWithLogitsLoss(pos_weight=…, reduction="sum")`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BinaryCrossEntropy {
    of_present: Option<Vec<f32>>,
}

/// Binary cross-entropy, all classes alike.
pub fn bce() -> BinaryCrossEntropy {
    BinaryCrossEntropy::default()
}

/// Binary cross-entropy in which each class counts so much where it is there, in the order of the classes: more than 1 finds
/// more of a rare class. Where a class is not there it counts as it is.
pub fn weighted_bce(weights: &[f32]) -> BinaryCrossEntropy {
    BinaryCrossEntropy { of_present: Some(weights.to_vec()) }
}

impl BinaryCrossEntropy {
    const fn name(&self) -> &'static str {
        if self.of_present.is_some() { "weighted_bce" } else { "bce" }
    }

    /// `(1 - y) x + (1 + (w - 1) y) (ln(1 + exp(-|x|)) + max(-x, 0))` for every label, where `w` is the weight of its class.
    fn per_label(&self, output: &Output, batch: &Batch) -> Result<Tensor> {
        let labels = labels_like_logits(output, batch, self.name())?;
        let logits = &output.logits;
        let rest = (logits.abs()?.neg()?.exp()? + 1.0)?.log()?;
        let Some(weights) = &self.of_present else {
            return Ok(((logits.relu()? - logits.mul(&labels)?)? + rest)?);
        };
        let classes = logits.dim(D::Minus1)?;
        if weights.len() != classes {
            let message = format!("`weighted_bce` got {} weights, but the model has {classes} classes", weights.len());
            return Err(Error::new(ErrorKind::Shape, message).help("one weight for each class, in their order"));
        }
        let more = Tensor::new(weights.as_slice(), logits.device())?.to_dtype(logits.dtype())?.affine(1.0, -1.0)?;
        let weights = labels.broadcast_mul(&more)?.affine(1.0, 1.0)?;
        let of_absent = logits.mul(&labels.affine(-1.0, 1.0)?)?;
        // max(-x, 0) as max(x, 0) - x: at a logit of 0, where candle's slopes of |x| and max(x, 0) are those to the right, the
        // slope of the whole is that of torch.
        let negative = (logits.relu()? - logits)?;
        Ok((of_absent + weights.mul(&(rest + negative)?)?)?)
    }
}

impl Loss for BinaryCrossEntropy {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        let per_label = self.per_label(output, batch)?;
        let count = per_label.elem_count() as f64;
        Ok(LossSum::new(per_label.sum_all()?, count))
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        Ok(Some(self.per_label(output, batch)?.mean(D::Minus1)?))
    }

    fn with_label_smoothing(&self, factor: f64) -> Result<Box<dyn Loss>> {
        smoothing::refused(self.name(), "asks of each class by itself whether it is there", factor)
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

    #[test]
    fn the_slope_at_a_logit_of_zero_is_that_of_torch() -> Result<()> {
        let labels = Tensor::new(&[[1.0f32, 0.0]], &Device::Cpu)?;
        let batch = Batch { rows: vec![0], labels: Some(labels), ..Batch::default() };
        for (loss, expected) in [(bce(), [-0.5, 0.5]), (weighted_bce(&[3.0, 3.0]), [-1.5, 0.5])] {
            let logits = Var::new(&[[0.0f64, 0.0]], &Device::Cpu)?;
            let of = loss.loss(&Output { logits: logits.as_tensor().clone() }, &batch)?;
            let gradients = of.sum().backward()?;
            let found = gradients.get(&logits).expect("logits have a gradient").flatten_all()?.to_vec1::<f64>()?;
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        }
        Ok(())
    }

    #[test]
    fn weights_count_where_a_class_is_there_as_in_torch() -> Result<()> {
        let logits = Var::new(&[[0.2f64, -120.0, 0.7], [150.0, 0.3, -0.2]], &Device::Cpu)?;
        let labels = Tensor::new(&[[1.0f32, 0.0, 1.0], [0.0, 1.0, 0.0]], &Device::Cpu)?;
        let batch = Batch { rows: vec![0, 1], labels: Some(labels), ..Batch::default() };
        let loss = weighted_bce(&[0.5, 2.0, 3.0]).loss(&Output { logits: logits.as_tensor().clone() }, &batch)?;
        // torch.nn.functional.binary_cross_entropy_with_logits with `pos_weight` (torch 2.15, f64), a mean over 6 labels.
        let mean = loss.sum().to_scalar::<f64>()? / loss.weight();
        assert!((mean - 25.535912823277638).abs() < 1e-12, "{mean}");
        let expected = [
            [-0.037513833557293506, 1.2779413456203332e-53, -0.16590611391591695],
            [0.16666666666666666, -0.14185249439611367, 0.07502766711458703],
        ];
        let gradients = loss.sum().backward()?;
        let gradient = gradients.get(&logits).expect("logits have a gradient").to_vec2::<f64>()?;
        for (found, expected) in gradient.iter().flatten().zip(expected.as_flattened()) {
            assert!((found / 6.0 - expected).abs() < 1e-15, "{found}, torch {expected}");
        }
        Ok(())
    }

    #[test]
    fn another_number_of_weights_and_smoothing_are_refused() -> Result<()> {
        let output = Output { logits: Tensor::new(&[[1.0f32, 4.0]], &Device::Cpu)? };
        let labels = Some(Tensor::new(&[[1.0f32, 0.0]], &Device::Cpu)?);
        let batch = Batch { rows: vec![0], labels, ..Batch::default() };
        let error = weighted_bce(&[1.0; 3]).loss(&output, &batch).unwrap_err();
        assert_eq!(error.message(), "`weighted_bce` got 3 weights, but the model has 2 classes");
        let message = bce().with_label_smoothing(0.1).err().map(|error| error.message().to_owned());
        let expected = "`label_smoothing_factor` is 0.1, but `bce` asks of each class by itself whether it is there";
        assert_eq!(message.as_deref(), Some(expected));
        Ok(())
    }
}
