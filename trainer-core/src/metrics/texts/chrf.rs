//! chrF and chrF++: how many runs of characters, and of words, are right.
//!
//! What comes in: texts and what they should have been. What goes out: the score of all of them together, 0 to 100.

use super::{ngrams, words};

/// The longest runs of characters that are compared.
pub const CHARACTERS: usize = 6;

/// How many times as much recall counts as precision.
const BETA: f64 = 2.0;

/// Counts for chrF over all texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChrfCounts {
    /// Of each length of runs: those of the texts, those of the references, and those of both.
    runs: Vec<[u64; 3]>,
    word_order: usize,
}

impl ChrfCounts {
    /// No texts yet; `word_order` is the longest runs of words that are compared: 0 for chrF, 2 for chrF++.
    pub fn new(word_order: usize) -> Self {
        Self { runs: vec![[0; 3]; CHARACTERS + word_order], word_order }
    }

    /// Adds a text and what it should have been.
    pub fn add(&mut self, prediction: &str, reference: &str) {
        let characters = |text: &str| words(text).flat_map(str::chars).collect::<Vec<char>>();
        let (found, wanted) = (characters(prediction), characters(reference));
        let (of_characters, of_words) = self.runs.split_at_mut(CHARACTERS);
        for (order, runs) in of_characters.iter_mut().enumerate() {
            add(runs, &found, &wanted, order + 1);
        }
        let (found, wanted) = (parts(prediction), parts(reference));
        for (order, runs) in of_words.iter_mut().enumerate() {
            add(runs, &found, &wanted, order + 1);
        }
    }

    /// The score, 0 to 100.
    ///
    /// Source: `sacrebleu.CHRF` without `eps_smoothing`.
    pub fn score(&self) -> f64 {
        let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
        for [found, wanted, both] in &self.runs {
            if *found > 0 && *wanted > 0 {
                precision += *both as f64 / *found as f64;
                recall += *both as f64 / *wanted as f64;
                orders += 1.0;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        let (precision, recall, factor) = (precision / orders, recall / orders, BETA * BETA);
        100.0 * (1.0 + factor) * precision * recall / (factor * precision + recall)
    }

    /// The longest runs of words that are compared.
    pub fn word_order(&self) -> usize {
        self.word_order
    }
}

/// chrF of texts against what they should have been, 0 to 100; `None` without any. A `word_order` of 2 gives chrF++.
///
/// Source: `sacrebleu.corpus_chrf` with one reference.
pub fn chrf_of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, word_order: usize) -> Option<f64> {
    let (mut counts, mut seen) = (ChrfCounts::new(word_order), false);
    for (prediction, reference) in pairs {
        counts.add(prediction, reference);
        seen = true;
    }
    seen.then(|| counts.score())
}

fn add<T: Eq + std::hash::Hash>(runs: &mut [u64; 3], found: &[T], wanted: &[T], order: usize) {
    let (found, wanted) = (ngrams::counts(found, order), ngrams::counts(wanted, order));
    // Where the reference has no run of this length, those of the text count nothing.
    runs[0] += if wanted.is_empty() { 0 } else { ngrams::total(&found) };
    runs[1] += ngrams::total(&wanted);
    runs[2] += ngrams::shared(&found, &wanted);
}

/// The words, with one mark at their end, or else at their beginning, as a word of its own.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for word in words(text) {
        let is_mark = |character: char| character.is_ascii_punctuation();
        let split = if word.chars().count() == 1 {
            None
        } else if word.ends_with(is_mark) {
            word.split_at_checked(word.len() - 1)
        } else if word.starts_with(is_mark) {
            word.split_at_checked(1)
        } else {
            None
        };
        match split {
            Some((first, second)) => parts.extend([first, second]),
            None => parts.push(word),
        }
    }
    parts
}
