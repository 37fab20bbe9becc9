//! Cross-entropy over classes.

use candle_core::{D, Tensor};

use super::class_items::ClassItems;
use super::linear_cross_entropy::{linear_cross_entropy_of, linear_cross_entropy_with_outcomes};
use super::{Loss, LossSum, PredictedTokens, TokenOutcomes};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Output, VocabularyRows};
use crate::nn;

/// Cross-entropy of logits `[items, classes]` against class labels `[items]`, or of `[batch, length, classes]` against a label for
/// each token, `[batch, length]`; as a sum and its weight.
///
/// The weight is the sum of the class weights of the items that count: what the update divides by. An item whose label
/// is [`IGNORE`](super::IGNORE) counts nothing.
///
/// Source: `torch.nn.CrossEntropyLoss(weight=…, label_smoothing=…, ignore_index=…, reduction="sum")`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    class_weights: Option<Vec<f32>>,
    label_smoothing: f64,
    ignored_class: Option<u32>,
}

/// Cross-entropy, all classes alike.
pub fn ce() -> CrossEntropy {
    CrossEntropy::default()
}

/// Cross-entropy with one weight for each class, in the order of the classes.
pub fn weighted_ce(weights: &[f32]) -> CrossEntropy {
    CrossEntropy { class_weights: Some(weights.to_vec()), ..CrossEntropy::default() }
}

impl CrossEntropy {
    /// Spreads this share of the target probability over all classes; in `0..=1`.
    pub fn label_smoothing(self, factor: f64) -> Self {
        Self { label_smoothing: factor, ..self }
    }

    /// Items of this class count nothing, as do those labelled -100; a negative index other than that names no class.
    pub fn ignore_index(self, index: i64) -> Self {
        Self { ignored_class: u32::try_from(index).ok(), ..self }
    }

    fn class_items(&self, output: &Output, batch: &Batch) -> Result<ClassItems> {
        let name = if self.class_weights.is_some() { "weighted_ce" } else { "ce" };
        let items = ClassItems::of(output, batch, name, self.ignored_class)?;
        let classes = items.logits.dim(D::Minus1)?;
        match &self.class_weights {
            Some(weights) if weights.len() != classes => {
                let message =
                    format!("`weighted_ce` got {} weights, but the model has {classes} classes", weights.len());
                Err(Error::new(ErrorKind::Shape, message).help("one weight for each class, in their order"))
            }
            _ => Ok(items),
        }
    }

    /// The loss of each labelled item, weighted by the class; `weights` are theirs.
    fn of_items(&self, items: &ClassItems, weights: &[Option<f32>]) -> Result<Tensor> {
        let logits = &items.logits;
        let classes = logits.dim(D::Minus1)?;
        let indices = items.labels().iter().zip(weights).map(|(label, weight)| weight.map_or(0, |_| *label));
        let indices = Tensor::from_vec(indices.collect::<Vec<u32>>(), (weights.len(), 1), logits.device())?;
        let log_probabilities = nn::log_softmax(logits)?;
        let of_label = log_probabilities.gather(&indices, D::Minus1)?.squeeze(D::Minus1)?.neg()?;
        let mut per_item = of_label.mul(&like(&of_label, weights.iter().map(|weight| weight.unwrap_or(0.0)))?)?;
        if self.label_smoothing != 0.0 {
            let spread = match &self.class_weights {
                Some(class_weights) => {
                    log_probabilities.broadcast_mul(&like(logits, class_weights.iter().copied())?)?
                }
                None => log_probabilities,
            };
            let counts = like(logits, weights.iter().map(|weight| f32::from(weight.is_some())))?;
            let spread = (spread.sum(D::Minus1)?.mul(&counts)? * (self.label_smoothing / classes as f64))?;
            per_item = ((per_item * (1.0 - self.label_smoothing))? - spread)?;
        }
        Ok(per_item)
    }

    /// The class weight of each label; `None` for one that counts nothing.
    fn weights(&self, labels: &[u32]) -> Vec<Option<f32>> {
        let of_class = |label: u32| match &self.class_weights {
            Some(weights) => weights.get(label as usize).copied(),
            None => Some(1.0),
        };
        labels.iter().map(|label| of_class(*label).filter(|_| Some(*label) != self.ignored_class)).collect()
    }
}

/// `values` as a tensor beside `other`.
fn like(other: &Tensor, values: impl Iterator<Item = f32>) -> Result<Tensor> {
    let values: Vec<f32> = values.collect();
    Ok(Tensor::new(values.as_slice(), other.device())?.to_dtype(other.dtype())?)
}

impl Loss for CrossEntropy {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        let items = self.class_items(output, batch)?;
        if items.labels().is_empty() {
            return Ok(LossSum::new(ClassItems::nothing(output)?, 0.0));
        }
        let weights = self.weights(items.labels());
        let weight = weights.iter().flatten().map(|weight| f64::from(*weight)).sum();
        Ok(LossSum::new(self.of_items(&items, &weights)?.sum_all()?, weight))
    }

    fn takes_vocabulary_rows(&self) -> bool {
        self.class_weights.is_none() && self.ignored_class.is_none()
    }

    fn of_vocabulary(&self, rows: &VocabularyRows) -> Result<LossSum> {
        linear_cross_entropy_of(rows, self.label_smoothing)
    }

    fn of_vocabulary_with_outcomes(
        &self,
        rows: &VocabularyRows,
        predicted: PredictedTokens,
    ) -> Result<(LossSum, TokenOutcomes)> {
        linear_cross_entropy_with_outcomes(rows, self.label_smoothing, predicted)
    }

    fn adds_up_over_rows(&self) -> bool {
        true
    }

    fn item_losses(&self, output: &Output, batch: &Batch) -> Result<Option<Tensor>> {
        let items = self.class_items(output, batch)?;
        let losses = if items.labels().is_empty() {
            Tensor::zeros(0, output.logits.dtype(), output.logits.device())?
        } else {
            self.of_items(&items, &self.weights(items.labels()))?
        };
        items.by_item(&losses).map(Some)
    }

    fn with_label_smoothing(&self, factor: f64) -> Result<Box<dyn Loss>> {
        if self.label_smoothing != 0.0 {
            let message = format!(
                "labels are smoothed twice: by the loss ({}) and by `label_smoothing_factor` ({factor})",
                self.label_smoothing
            );
            return Err(Error::new(ErrorKind::Arguments, message).help("leave one of them out"));
        }
        Ok(Box::new(self.clone().label_smoothing(factor)))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::loss::IGNORE;

    const LOGITS: [[f64; 3]; 4] = [[0.2, -1.0, 0.7], [1.5, 0.3, -0.2], [-0.4, 0.9, 0.1], [0.0, 0.4, -2.0]];

    fn batch(labels: &[u32]) -> Batch {
        let labels = Some(Tensor::new(labels, &Device::Cpu).unwrap());
        Batch { rows: (0..4).collect(), labels, ..Batch::default() }
    }

    fn mean(loss: &CrossEntropy, labels: [u32; 4]) -> Result<f64> {
        let output = Output { logits: Tensor::new(&LOGITS, &Device::Cpu)? };
        let sum = loss.loss(&output, &batch(&labels))?;
        Ok(sum.sum().to_scalar::<f64>()? / sum.weight())
    }

    /// Figures of `torch.nn.functional.cross_entropy` (torch 2.15, f64) on `LOGITS`.
    #[test]
    fn means_equal_those_of_torch() -> Result<()> {
        let labels = [2, 0, 1, 1];
        let weights = [1.0, 2.0, 3.0];
        for (loss, expected) in [
            (ce(), TORCH[0]),
            (weighted_ce(&weights), TORCH[1]),
            (ce().label_smoothing(0.1), TORCH[2]),
            (weighted_ce(&weights).label_smoothing(0.1), TORCH[3]),
            (ce().ignore_index(1), TORCH[4]),
        ] {
            let found = mean(&loss, labels)?;
            assert!((found - expected).abs() < 1e-7, "{loss:?}: {found}, torch {expected}");
        }
        Ok(())
    }

    const TORCH: [f64; 5] =
        [0.5214360555823019, 0.5448257764313118, 0.6047693889156353, 0.6370701376797441, 0.48821763658334844];

    #[test]
    fn an_ignored_item_has_no_gradient_and_no_weight() -> Result<()> {
        let logits = Var::new(&LOGITS, &Device::Cpu)?;
        let output = Output { logits: logits.as_tensor().clone() };
        let loss = weighted_ce(&[1.0, 2.0, 3.0]).label_smoothing(0.1).loss(&output, &batch(&[2, IGNORE, 1, IGNORE]))?;
        let gradients = loss.sum().backward()?;
        let rows = gradients.get(&logits).expect("logits have a gradient").to_vec2::<f64>()?;
        assert_eq!((loss.weight(), &rows[1], &rows[3]), (5.0, &vec![0.0; 3], &vec![0.0; 3]));
        Ok(())
    }

    #[test]
    fn where_nothing_is_labelled_the_sum_is_zero_and_so_is_its_gradient() -> Result<()> {
        let logits = Var::new(&LOGITS, &Device::Cpu)?;
        let output = Output { logits: logits.as_tensor().clone() };
        let loss = ce().loss(&output, &batch(&[IGNORE; 4]))?;
        let gradients = loss.sum().backward()?;
        let rows = gradients.get(&logits).expect("logits have a gradient").to_vec2::<f64>()?;
        assert_eq!((loss.weight(), loss.sum().to_scalar::<f64>()?, rows), (0.0, 0.0, vec![vec![0.0; 3]; 4]));
        let losses = ce().item_losses(&output, &batch(&[IGNORE; 4]))?.expect("each has one");
        assert_eq!(losses.to_vec1::<f64>()?, [0.0; 4]);
        Ok(())
    }

    #[test]
    fn each_item_has_a_loss_in_its_place() -> Result<()> {
        let output = Output { logits: Tensor::new(&LOGITS, &Device::Cpu)? };
        let of = |loss: CrossEntropy, labels| -> Result<Vec<f64>> {
            let losses = loss.item_losses(&output, &batch(labels))?.expect("each has one");
            Ok(losses.to_vec1()?)
        };
        let every = of(ce(), &[2, 0, 1, 1])?;
        assert_eq!(of(ce(), &[2, IGNORE, 1, IGNORE])?, [every[0], 0.0, every[2], 0.0]);
        // The ignored class may be one that the model does not have.
        assert_eq!(of(ce().ignore_index(255), &[255, 0, 255, 1])?, [0.0, every[1], 0.0, every[3]]);
        Ok(())
    }

    #[test]
    fn a_class_out_of_range_is_named_with_its_row() {
        let message = mean(&ce(), [0, 1, 7, 2]).unwrap_err().to_string();
        assert!(message.contains("row 2: class 7 is out of range for a model of 3 classes"), "{message}");
        let packed = Batch { sequence_lengths: Some(vec![vec![2, 2]]), ..batch(&[0, 1, 7, 2]) };
        let output = Output { logits: Tensor::new(&LOGITS, &Device::Cpu).unwrap() };
        let message = ce().loss(&output, &packed).unwrap_err().to_string();
        assert!(message.starts_with("class 7 is out of range"), "{message}");
    }

    #[test]
    fn labels_of_another_shape_are_refused_in_the_users_words() {
        let output = Output { logits: Tensor::new(&LOGITS, &Device::Cpu).unwrap() };
        let message = weighted_ce(&[1.0; 3]).loss(&output, &batch(&[0, 1])).unwrap_err().to_string();
        assert_eq!(message, "`weighted_ce` needs one class for each of [4] places, found [2] of u32");
    }

    #[test]
    fn two_weights_for_three_classes_are_refused() {
        let message = mean(&weighted_ce(&[1.0, 2.0]), [0, 1, 1, 2]).unwrap_err().to_string();
        assert!(message.starts_with("`weighted_ce` got 2 weights, but the model has 3 classes"), "{message}");
    }
}
