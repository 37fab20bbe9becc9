//! The focal loss: what the model is sure of already counts little.

use candle_core::{D, DType, Tensor};

use super::class_items::ClassItems;
use super::{Loss, LossSum, labels_like_logits, smoothing};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Output;

/// Put on the logit of an item's own class, so that a sum over classes is over the others.
const LEFT_OUT: f64 = -1e30;

/// The focal loss, `-alpha (1 - p)^gamma ln(p)`, where `p` is the probability of what is right.
///
/// * One class of several (labels `u32`): `p` is the softmax of the class, `alpha` that of the class. The weight is the number
///   of items, or tokens, with a label; unlike a class weight of `weighted_ce`, `alpha` is not part of it.
/// * Several classes at once (labels as numbers): a sigmoid for each class; a class that is there has its `alpha`, one that is
///   not has `1 - alpha`. The weight is the number of labels.
///
/// `gamma` of 0 is cross-entropy. It is computed from how far the right logit lies above the others, so that no probability is
/// rounded to 0 or 1 on the way.
///
/// Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", equations 4 and 5.
#[derive(Clone, Debug, PartialEq)]
pub struct Focal {
    gamma: f64,
    alpha: Option<Vec<f32>>,
}

/// The focal loss with a `gamma` of 2, all classes alike.
pub fn focal() -> Focal {
    Focal { gamma: 2.0, alpha: None }
}

impl Focal {
    /// How much less counts what the model is sure of; at least 0, where 0 is cross-entropy.
    pub fn gamma(self, gamma: f64) -> Self {
        Self { gamma, ..self }
    }

    /// How much each class counts, in their order; from 0 to 1 where an item can have several classes.
    pub fn alpha(self, alpha: &[f32]) -> Self {
        Self { alpha: Some(alpha.to_vec()), ..self }
    }

    fn check(&self, classes: usize, has_several: bool) -> Result<()> {
        if !(self.gamma >= 0.0 && self.gamma.is_finite()) {
            return Err(Error::new(ErrorKind::Arguments, format!("the `gamma` of `focal` is {}", self.gamma))
                .help("write a `gamma` of 0 or more, such as 2.0"));
        }
        let Some(alpha) = &self.alpha else { return Ok(()) };
        if alpha.len() != classes {
            let message =
                format!("the `alpha` of `focal` has {} numbers, but the model has {classes} classes", alpha.len());
            return Err(Error::new(ErrorKind::Shape, message).help("one number for each class, in their order"));
        }
        let highest = if has_several { 1.0 } else { f32::MAX };
        if let Some(wrong) = alpha.iter().find(|alpha| !(0.0..=highest).contains(*alpha)) {
            let help = if has_several {
                "an item can have several classes: `alpha` is the share of a class that is there, from 0 to 1"
            } else {
                "0 for a class that counts nothing, 1 for one that counts as it is"
            };
            return Err(Error::new(ErrorKind::Arguments, format!("`focal` has an `alpha` of {wrong}")).help(help));
        }
        Ok(())
    }

    /// `(1 - p)^gamma · -ln(p)` for `p = 1 / (1 + exp(-margin))`.
    fn of_margins(&self, margins: &Tensor) -> Result<Tensor> {
        let surprise = softplus(&margins.neg()?)?;
        if self.gamma == 0.0 {
            return Ok(surprise);
        }
        Ok((softplus(margins)? * -self.gamma)?.exp()?.mul(&surprise)?)
    }

    /// The loss of each item with a class, `[labelled]`.
    fn of_classes(&self, items: &ClassItems) -> Result<Tensor> {
        let logits = &items.logits;
        self.check(logits.dim(D::Minus1)?, false)?;
        let (of_label, mask) = items.of_labels()?;
        let others = (logits + (mask * LEFT_OUT)?)?;
        let largest = others.detach().max_keepdim(D::Minus1)?;
        let sum = others.broadcast_sub(&largest)?.exp()?.sum(D::Minus1)?.log()?;
        let of_others = (sum + largest.squeeze(D::Minus1)?)?;
        let losses = self.of_margins(&(of_label - of_others)?)?;
        match &self.alpha {
            Some(alpha) => {
                let alpha: Vec<f32> =
                    items.labels().iter().filter_map(|label| alpha.get(*label as usize).copied()).collect();
                Ok(losses.mul(&like(&losses, &alpha)?)?)
            }
            None => Ok(losses),
        }
    }

    /// The loss of each label, in the shape of the logits.
    fn of_sets(&self, output: &Output, batch: &Batch) -> Result<Tensor> {
        let (logits, labels) = (&output.logits, labels_like_logits(output, batch, "focal")?);
        self.check(logits.dim(D::Minus1)?, true)?;
        let losses = self.of_margins(&logits.mul(&((&labels * 2.0)? - 1.0)?)?)?;
        match &self.alpha {
            // y·alpha + (1 - y)(1 - alpha)
            Some(alpha) => {
                let alpha = like(&losses, alpha)?;
                let of_present = labels.broadcast_mul(&alpha)?;
                let of_absent = labels.affine(-1.0, 1.0)?.broadcast_mul(&alpha.affine(-1.0, 1.0)?)?;
                Ok(losses.mul(&(of_present + of_absent)?)?)
            }
            None => Ok(losses),
        }
    }
}

/// `ln(1 + exp(x))`, without overflow.
fn softplus(x: &Tensor) -> Result<Tensor> {
    Ok((x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?)?)
}

/// `values` as a tensor beside `other`.
fn like(other: &Tensor, values: &[f32]) -> Result<Tensor> {
    Ok(Tensor::new(values, other.device())?.to_dtype(other.dtype())?)
}

fn has_one_class(batch: &Batch) -> Result<bool> {
    Ok(batch.labels()?.dtype() == DType::U32)
}

impl Loss for Focal {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        if !has_one_class(batch)? {
            let losses = self.of_sets(output, batch)?;
            let count = losses.elem_count() as f64;
            return Ok(LossSum::new(losses.sum_all()?, count));
        }
        let items = ClassItems::of(output, batch, "focal", None)?;
        if items.labels().is_empty() {
            return Ok(LossSum::new(ClassItems::nothing(output)?, 0.0));
        }
        Ok(LossSum::new(self.of_classes(&items)?.sum_all()?, items.labels().len() as f64))
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    /// Of classes one for each item, or for each token with a label; of several classes at once their mean.
    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        if !has_one_class(batch)? {
            return Ok(Some(self.of_sets(output, batch)?.mean(D::Minus1)?));
        }
        let items = ClassItems::of(output, batch, "focal", None)?;
        let losses = if items.labels().is_empty() {
            Tensor::zeros(0, output.logits.dtype(), output.logits.device())?
        } else {
            self.of_classes(&items)?
        };
        items.by_item(&losses).map(Some)
    }

    fn with_label_smoothing(&self, factor: f64) -> Result<Box<dyn Loss>> {
        smoothing::refused("focal", "already lets what is sure count less", factor)
    }
}

#[cfg(test)]
mod tests;
