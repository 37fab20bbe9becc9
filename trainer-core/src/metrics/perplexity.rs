//! Perplexity: how many tokens the model wavers between.

use super::builtin::{BuiltIn, Statistic};
use super::{EvaluationBatch, Suits};
use crate::error::{Error, ErrorKind, Result};

/// The perplexity; made by [`perplexity`].
#[derive(Clone, Debug, Default)]
pub struct Perplexity {
    sum: f64,
    tokens: u64,
}

/// The exponential of the mean loss of the tokens: how many equally probable tokens the model wavers between; smaller is
/// better. Key: `perplexity`.
///
/// Every token counts alike, however long its text is. It is of the labels' probabilities, whatever the loss of the run makes of
/// them: label smoothing and `focal` do not change what it says of the same model.
///
/// Source: `exp(eval_loss)` of the language modelling examples of `transformers`, with the exact mean over all tokens.
pub fn perplexity() -> BuiltIn<Perplexity> {
    BuiltIn::new("perplexity", Perplexity::default())
}

impl Statistic for Perplexity {
    const SUITS: Suits = Suits::Vocabulary;

    fn greater_is_better(&self) -> bool {
        false
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        if batch.items() == 0 {
            return Ok(());
        }
        let Some(losses) = batch.losses else {
            return Err(Error::new(ErrorKind::Metric, "the loss of this run gives none for single tokens")
                .help("take `loss = ce`, or leave `perplexity` out"));
        };
        self.sum += losses.iter().map(|loss| f64::from(*loss)).sum::<f64>();
        self.tokens += losses.len() as u64;
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![(self.tokens > 0).then(|| (self.sum / self.tokens as f64).exp())])
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EvaluationLabels, Metric};
    use super::*;

    fn batch<'a>(labels: &'a [u32], losses: Option<&'a [f32]>) -> EvaluationBatch<'a> {
        EvaluationBatch { labels: EvaluationLabels::Tokens(labels), losses, ..EvaluationBatch::default() }
    }

    #[test]
    fn every_token_counts_alike_in_whatever_batch() {
        let mut metric = perplexity();
        metric.update(&batch(&[1, 2, 3], Some(&[1.0, 2.0, 3.0]))).unwrap();
        metric.update(&batch(&[4], Some(&[6.0]))).unwrap();
        assert_eq!(metric.compute().unwrap()[0].value, Some(3.0f64.exp()));
        assert!(!metric.greater_is_better());
        metric.reset();
        assert_eq!(metric.compute().unwrap()[0].value, None);
    }

    #[test]
    fn a_loss_that_knows_no_tokens_and_another_task_are_refused() {
        let error = perplexity().update(&batch(&[1], None)).unwrap_err();
        assert!(error.message().contains("gives none for single tokens"), "{error}");
        let classes = EvaluationLabels::Classes(&[0]);
        let batch = EvaluationBatch { logits: &[1.0, 0.0], outputs: 2, labels: classes, ..EvaluationBatch::default() };
        let error = perplexity().update(&batch).unwrap_err().to_string();
        assert!(error.starts_with("`perplexity` judges the tokens of a vocabulary"), "{error}");
    }
}
