//! The measures of texts as metrics: they keep counts and sums.

use super::BleuSmoothing;
use super::bleu::BleuCounts;
use super::chrf::ChrfCounts;
use super::rouge::{RougeScores, RougeWords, rouge_of};
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::builtin::{BuiltIn, Shape, Statistic};
use crate::metrics::{EvaluationBatch, GeneratedText, Suits};

/// How many texts there were, and whether a batch had tokens but none.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    texts: u64,
    tokens: bool,
}

impl Seen {
    /// The texts of a batch.
    fn of<'a>(&mut self, batch: &EvaluationBatch<'a>) -> &'a [GeneratedText] {
        let texts = batch.texts.unwrap_or_default();
        self.texts += texts.len() as u64;
        self.tokens |= batch.texts.is_none() && batch.items() > 0;
        texts
    }

    /// Whether there are values.
    ///
    /// # Errors
    /// [`ErrorKind::Metric`] if there was something to evaluate, but nothing was written.
    fn any(self) -> Result<bool> {
        if self.texts == 0 && self.tokens {
            return Err(Error::new(
                ErrorKind::Metric,
                "it compares texts, and the model wrote none in this evaluation",
            )
            .help("a batch that is made by hand needs `texts: Some(…)`"));
        }
        Ok(self.texts > 0)
    }
}

/// The share of texts that are right as a whole; made by [`exact_match`].
#[derive(Clone, Debug, Default)]
pub struct ExactMatch {
    seen: Seen,
    right: u64,
}

/// BLEU; made by [`bleu`].
#[derive(Clone, Debug, Default)]
pub struct Bleu {
    seen: Seen,
    counts: BleuCounts,
    smoothing: BleuSmoothing,
    lowercase: bool,
}

/// chrF; made by [`chrf`].
#[derive(Clone, Debug)]
pub struct Chrf {
    seen: Seen,
    counts: ChrfCounts,
}

/// ROUGE; made by [`rouge()`].
#[derive(Clone, Debug, Default)]
pub struct Rouge {
    seen: Seen,
    /// The sums of the harmonic means, in the order of the keys.
    sums: [f64; 4],
    words: RougeWords,
}

/// The share of texts that are exactly what they should have been. Key: `exact_match`.
///
/// Source: `evaluate.load("exact_match")` without options.
pub fn exact_match() -> BuiltIn<ExactMatch> {
    BuiltIn::new("exact_match", ExactMatch::default())
}

/// BLEU of all texts together, 0 to 100. Key: `bleu`.
///
/// Source: `sacrebleu.corpus_bleu` with one reference and the tokenizer `13a`.
pub fn bleu() -> BuiltIn<Bleu> {
    BuiltIn::new("bleu", Bleu::default())
}

/// chrF of all texts together, 0 to 100. Key: `chrf`.
///
/// Source: `sacrebleu.corpus_chrf` with one reference.
pub fn chrf() -> BuiltIn<Chrf> {
    BuiltIn::new("chrf", Chrf { seen: Seen::default(), counts: ChrfCounts::new(0) })
}

/// ROUGE, the mean over the texts, 0 to 1: of words, of pairs of words, and of the longest common subsequence as a whole and by
/// lines. Keys: `rouge1`, `rouge2`, `rougeL`, `rougeLsum`.
///
/// Source: the mean F-measures of `rouge_score.rouge_scorer.RougeScorer`.
pub fn rouge() -> BuiltIn<Rouge> {
    BuiltIn::new("rouge", Rouge::default())
}

impl BuiltIn<Bleu> {
    /// What a precision of 0 counts; [`BleuSmoothing::Exponential`] if not said.
    pub fn smoothing(mut self, smoothing: BleuSmoothing) -> Self {
        self.statistic.smoothing = smoothing;
        self
    }

    /// Compares texts in lower case.
    pub fn lowercase(mut self) -> Self {
        self.statistic.lowercase = true;
        self
    }
}

impl BuiltIn<Chrf> {
    /// The longest runs of words that are compared beside those of characters: 2 for chrF++; none if not said.
    pub fn word_order(mut self, word_order: usize) -> Self {
        self.statistic.counts = ChrfCounts::new(word_order);
        self
    }
}

impl BuiltIn<Rouge> {
    /// Compares the stems of English words, where they have more than three letters.
    pub fn stemmer(mut self) -> Self {
        self.statistic.words = RougeWords::Stems;
        self
    }
}

impl Statistic for ExactMatch {
    const SUITS: Suits = Suits::Texts;

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let texts = self.seen.of(batch);
        self.right += texts.iter().filter(|text| text.prediction == text.reference).count() as u64;
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.seen.any()?.then(|| self.right as f64 / self.seen.texts as f64)])
    }
}

impl Statistic for Bleu {
    const SUITS: Suits = Suits::Texts;

    fn reset(&mut self) {
        (self.seen, self.counts) = (Seen::default(), BleuCounts::default());
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        for GeneratedText { prediction, reference } in self.seen.of(batch) {
            if self.lowercase {
                self.counts.add(&prediction.to_lowercase(), &reference.to_lowercase());
            } else {
                self.counts.add(prediction, reference);
            }
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.seen.any()?.then(|| self.counts.score(self.smoothing))])
    }
}

impl Statistic for Chrf {
    const SUITS: Suits = Suits::Texts;

    fn reset(&mut self) {
        (self.seen, self.counts) = (Seen::default(), ChrfCounts::new(self.counts.word_order()));
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        self.seen.of(batch).iter().for_each(|text| self.counts.add(&text.prediction, &text.reference));
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        Ok(vec![self.seen.any()?.then(|| self.counts.score())])
    }
}

impl Statistic for Rouge {
    const SUITS: Suits = Suits::Texts;

    fn shape(&self) -> Shape {
        Shape::Suffixed(&["1", "2", "L", "Lsum"])
    }

    fn reset(&mut self) {
        *self = Self { words: self.words, ..Self::default() };
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        for text in self.seen.of(batch) {
            let RougeScores { rouge1, rouge2, rouge_l, rouge_lsum } =
                rouge_of(&text.prediction, &text.reference, self.words);
            for (sum, score) in self.sums.iter_mut().zip([rouge1, rouge2, rouge_l, rouge_lsum]) {
                *sum += score.f1;
            }
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        let any = self.seen.any()?;
        Ok(self.sums.iter().map(|sum| any.then(|| sum / self.seen.texts as f64)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{EvaluationLabels, Metric, MetricSet};

    fn texts() -> Vec<GeneratedText> {
        [("The cats sat", "the cat sat"), ("a b c d e", "a b c d e")]
            .map(|(prediction, reference)| GeneratedText {
                prediction: prediction.to_owned(),
                reference: reference.to_owned(),
            })
            .to_vec()
    }

    #[test]
    fn each_is_the_same_in_any_batches_and_after_a_reset() {
        let metrics: Vec<Box<dyn Metric>> = vec![
            Box::new(exact_match()),
            Box::new(bleu()),
            Box::new(chrf().word_order(2)),
            Box::new(rouge().stemmer()),
        ];
        let mut set = MetricSet::new(metrics).unwrap();
        assert!(set.needs_texts() && !set.needs_predicted_tokens());
        let (texts, labels) = (texts(), EvaluationLabels::Tokens(&[]));
        let mut found = Vec::new();
        for batch in [1, 2] {
            set.reset();
            for texts in texts.chunks(batch) {
                set.update(&EvaluationBatch { labels, texts: Some(texts), ..EvaluationBatch::default() }).unwrap();
            }
            found.push(set.compute().unwrap());
        }
        assert_eq!(found[0], found[1]);
        let keys: Vec<&str> = found[0].keys().collect();
        assert_eq!(keys, ["exact_match", "bleu", "chrf", "rouge1", "rouge2", "rougeL", "rougeLsum"]);
        assert_eq!((found[0].get("exact_match"), found[0].get("rouge1")), (Some(0.5), Some(1.0)));
        set.reset();
        assert!(set.compute().unwrap().iter().all(|(_, value)| value.is_none()));
    }

    #[test]
    fn lower_case_is_compared_where_asked() {
        let pair = [GeneratedText { prediction: "A B C D".to_owned(), reference: "a b c d".to_owned() }];
        let value = |mut metric: BuiltIn<Bleu>| {
            let labels = EvaluationLabels::Tokens(&[]);
            metric.update(&EvaluationBatch { labels, texts: Some(&pair), ..EvaluationBatch::default() }).unwrap();
            metric.compute().unwrap()[0].value
        };
        assert_eq!([value(bleu()), value(bleu().lowercase())], [Some(0.0), Some(100.0)]);
    }

    #[test]
    fn an_evaluation_in_which_nothing_was_written_is_refused() {
        let labels = EvaluationLabels::Tokens(&[3]);
        let tokens = EvaluationBatch { labels, ..EvaluationBatch::default() };
        let mut metric = bleu();
        metric.update(&tokens).unwrap();
        let error = metric.compute().unwrap_err();
        assert!(error.message().starts_with("metric `bleu`: it compares texts, and the model wrote none"), "{error}");
        metric.reset();
        metric.update(&EvaluationBatch { texts: Some(&[]), ..tokens }).unwrap();
        assert_eq!(metric.compute().unwrap()[0].value, None);
    }
}
