//! ROUGE: how much of a summary is in the reference, and the other way round.
//!
//! What comes in: a text and what it should have been. What goes out: precision, recall and their mean, 0 to 1, of words, of
//! pairs of words and of the longest common subsequence.

use std::collections::{BTreeSet, HashMap};

use super::{ngrams, porter};

/// Precision, recall and their harmonic mean, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RougeScore {
    /// Of the text, the share that is in the reference.
    pub precision: f64,
    /// Of the reference, the share that is in the text.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// The scores of one text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RougeScores {
    /// Of single words.
    pub rouge1: RougeScore,
    /// Of pairs of words.
    pub rouge2: RougeScore,
    /// Of the longest common subsequence.
    pub rouge_l: RougeScore,
    /// Of the longest common subsequences of lines, put together.
    pub rouge_lsum: RougeScore,
}

/// How words are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RougeWords {
    /// As they are, in lower case.
    #[default]
    Whole,
    /// By their stems, where they have more than three letters.
    Stems,
}

/// The scores of a text against what it should have been.
///
/// ```
/// use trainer_core::metrics::texts::rouge::{RougeWords, rouge_of};
///
/// let scores = rouge_of("the cat sat", "the cats sat", RougeWords::Stems);
/// assert_eq!(scores.rouge1.f1, 1.0);
/// assert_eq!(rouge_of("the cat sat", "the cats sat", RougeWords::Whole).rouge1.recall, 2.0 / 3.0);
/// ```
///
/// Source: `rouge_score.rouge_scorer.RougeScorer`, without `split_summaries`.
pub fn rouge_of(prediction: &str, reference: &str, words: RougeWords) -> RougeScores {
    let (found, wanted) = (tokens(prediction, words), tokens(reference, words));
    RougeScores {
        rouge1: of_runs(&found, &wanted, 1),
        rouge2: of_runs(&found, &wanted, 2),
        rouge_l: of_subsequence(&found, &wanted),
        rouge_lsum: of_lines(&lines(prediction, words), &lines(reference, words)),
    }
}

impl RougeScore {
    fn of(shared: u64, found: u64, wanted: u64) -> Self {
        let share = |all: u64| shared as f64 / all.max(1) as f64;
        let (precision, recall) = (share(found), share(wanted));
        let sum = precision + recall;
        Self { precision, recall, f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// Words of ASCII letters and digits, in lower case.
fn tokens(text: &str, words: RougeWords) -> Vec<String> {
    let text = text.to_lowercase();
    let all = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    all.map(|word| match words {
        RougeWords::Stems if word.len() > 3 => porter::stem(word),
        _ => word.to_owned(),
    })
    .collect()
}

/// The words of each line that is not empty.
fn lines(text: &str, words: RougeWords) -> Vec<Vec<String>> {
    text.split('\n').filter(|line| !line.is_empty()).map(|line| tokens(line, words)).collect()
}

fn of_runs(found: &[String], wanted: &[String], order: usize) -> RougeScore {
    let (found, wanted) = (ngrams::counts(found, order), ngrams::counts(wanted, order));
    RougeScore::of(ngrams::shared(&found, &wanted), ngrams::total(&found), ngrams::total(&wanted))
}

fn of_subsequence(found: &[String], wanted: &[String]) -> RougeScore {
    let length = common_places(wanted, found).len() as u64;
    RougeScore::of(length, found.len() as u64, wanted.len() as u64)
}

/// Of each line of the reference, the words that a longest common subsequence with any line of the text has; each word of
/// either side counts once.
fn of_lines(found: &[Vec<String>], wanted: &[Vec<String>]) -> RougeScore {
    let counted = |lines: &[Vec<String>]| {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for word in lines.iter().flatten() {
            *counts.entry(word.clone()).or_default() += 1;
        }
        counts
    };
    let (mut left_found, mut left_wanted) = (counted(found), counted(wanted));
    let mut shared = 0;
    for line in wanted {
        let places: BTreeSet<usize> = found.iter().flat_map(|other| common_places(line, other)).collect();
        for word in places.iter().filter_map(|place| line.get(*place)) {
            if let (Some(one @ 1..), Some(other @ 1..)) = (left_found.get_mut(word), left_wanted.get_mut(word)) {
                (*one, *other) = (*one - 1, *other - 1);
                shared += 1;
            }
        }
    }
    let total = |lines: &[Vec<String>]| lines.iter().map(Vec::len).sum::<usize>() as u64;
    RougeScore::of(shared, total(found), total(wanted))
}

/// Where the words of a longest common subsequence stand in `line`: of several, the one that the reference finds.
fn common_places(line: &[String], other: &[String]) -> Vec<usize> {
    let width = other.len() + 1;
    let mut lengths = vec![0u32; (line.len() + 1) * width];
    for (row, word) in line.iter().enumerate() {
        for (column, other) in other.iter().enumerate() {
            let at = (row + 1) * width + column + 1;
            lengths[at] =
                if word == other { lengths[at - width - 1] + 1 } else { lengths[at - width].max(lengths[at - 1]) };
        }
    }
    let (mut row, mut column, mut places) = (line.len(), other.len(), Vec::new());
    while row > 0 && column > 0 {
        let at = row * width + column;
        if line[row - 1] == other[column - 1] {
            (row, column) = (row - 1, column - 1);
            places.push(row);
        } else if lengths[at - 1] > lengths[at - width] {
            column -= 1;
        } else {
            row -= 1;
        }
    }
    places
}
