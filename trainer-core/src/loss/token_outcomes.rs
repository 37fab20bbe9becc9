//! What an evaluation is told of each token that has a label, beside the loss of them all.
//!
//! What comes in: scores of a vocabulary, some tokens at a time, and the tokens' labels. What goes out: a loss for each token,
//! and the most probable id where somebody asks for it.

use candle_core::{D, DType, Tensor};

use crate::error::Result;
use crate::model::VocabularyRows;
use crate::nn;

/// Whether anybody asks for the most probable id of each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictedTokens {
    /// It is found for each.
    Wanted,
    /// Nobody does.
    NotWanted,
}

/// What is known of each token that has a label; of each as many as there are such tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenOutcomes {
    /// Their labels.
    pub labels: Vec<u32>,
    /// The negative logarithm of the label's probability, whatever the loss smooths.
    pub losses: Vec<f32>,
    /// The most probable id, the first of equals; empty if it was not [wanted](PredictedTokens::Wanted).
    pub predicted: Vec<u32>,
}

impl TokenOutcomes {
    /// Of rows of a vocabulary's head; of `chunk_scores` scores at a time, or of those of one row.
    ///
    /// # Errors
    /// As [`VocabularyRows::scores`].
    pub(super) fn of_rows(rows: &VocabularyRows, predicted: PredictedTokens, chunk_scores: usize) -> Result<Self> {
        let labels = rows.labels.to_vec1::<u32>()?;
        let step = (chunk_scores / rows.weight.dim(0)?.max(1)).max(1);
        let mut all = Self::default();
        for begin in (0..labels.len()).step_by(step) {
            let some = begin..labels.len().min(begin + step);
            all.add(&rows.scores(some.clone())?, &labels[some], predicted)?;
        }
        Ok(all)
    }

    /// Adds tokens with their scores, `[labels, vocabulary]`.
    ///
    /// # Errors
    /// As candle, for another number of scores and for a label beyond the vocabulary.
    pub fn add(&mut self, scores: &Tensor, labels: &[u32], predicted: PredictedTokens) -> Result<()> {
        if labels.is_empty() {
            return Ok(());
        }
        let log_probabilities = nn::log_softmax(scores)?;
        let indices = Tensor::from_slice(labels, (labels.len(), 1), scores.device())?;
        let of_labels = log_probabilities.gather(&indices, D::Minus1)?.squeeze(D::Minus1)?;
        self.add_known(scores, &of_labels, labels, predicted)
    }

    /// As [`add`](Self::add), where the logarithms of the labels' probabilities, `[labels]`, are known already.
    pub(super) fn add_known(
        &mut self,
        scores: &Tensor,
        of_labels: &Tensor,
        labels: &[u32],
        predicted: PredictedTokens,
    ) -> Result<()> {
        self.losses.extend(of_labels.neg()?.to_dtype(DType::F32)?.to_vec1::<f32>()?);
        if predicted == PredictedTokens::Wanted {
            self.predicted.extend(scores.argmax(D::Minus1)?.to_vec1::<u32>()?);
        }
        self.labels.extend(labels);
        Ok(())
    }
}
