//! The cross-entropy of a linear layer over a vocabulary, a chunk of rows at a time.
//!
//! What comes in: rows `[rows, hidden]`, a weight `[vocabulary, hidden]`, a bias, a label for each row. What goes out: the sum
//! of the losses, the gradients that are wanted, and what is wanted to be known of each row. The scores of a chunk become their gradient where they stand, so that
//! `[rows, vocabulary]` never exists whole. Chunks do not depend on the number of threads.
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use rayon::prelude::*;

use super::allocator::of_length;
use super::matrix::Matrix;
use super::product::Onto;
use super::shared::shared_product;
use super::simd::{self, dispatch};

/// Scores of a chunk, 32 MB: rows enough for products near their best shape (170 of a vocabulary of 49,152; four times as
/// many are not a tenth faster), and little beside the gradient of the weight, which is several times that for such a
/// vocabulary.
pub(crate) const CHUNK_SCORES: usize = 8 << 20;

/// Scores that one thread takes at a time between the products.
const TASK_SCORES: usize = 1 << 14;

/// A linear layer over a vocabulary, and what goes into it.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    /// `[rows, hidden]`.
    pub(crate) rows: &'a [f32],
    /// `[vocabulary, hidden]`.
    pub(crate) weight: &'a [f32],
    /// `[vocabulary]`.
    pub(crate) bias: Option<&'a [f32]>,
    /// `[rows]`, each below `vocabulary`.
    pub(crate) labels: &'a [u32],
    /// Numbers of a row.
    pub(crate) hidden: usize,
    /// The share of the target probability that is spread over the vocabulary.
    pub(crate) smoothing: f32,
}

/// What is computed beside the sum of the losses: gradients, and what is known of each row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each names one thing that may be wanted")]
pub(crate) struct Wanted {
    pub(crate) rows: bool,
    pub(crate) weight: bool,
    pub(crate) bias: bool,
    /// The loss of each row.
    pub(crate) losses: bool,
    /// The id with the largest score of each row.
    pub(crate) predicted: bool,
}

impl Wanted {
    fn gradients(self) -> bool {
        self.rows || self.weight || self.bias
    }
}

/// The sum of the losses, and what was wanted; what was not is empty.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Computed {
    pub(crate) sum: f64,
    pub(crate) rows: Vec<f32>,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// The negative logarithm of the label's probability, of each row: not smoothed.
    pub(crate) losses: Vec<f32>,
    /// The id with the largest score, of each row; the first of equals.
    pub(crate) predicted: Vec<u32>,
}

/// What a row gives.
#[derive(Clone, Copy, Default)]
struct OfRow {
    /// Its part of the sum.
    smoothed: f64,
    loss: f64,
    predicted: u32,
}

/// The losses of all rows added up, in chunks of at most `chunk_scores` scores (one row at the least). The gradient of the weight
/// is written to `memory`, whatever that holds, or to new memory if it is empty.
pub(crate) fn linear_cross_entropy(
    inputs: &Inputs<'_>,
    wanted: Wanted,
    chunk_scores: usize,
    memory: Vec<f32>,
) -> Computed {
    let Inputs { rows, weight, bias, labels, hidden, .. } = *inputs;
    let vocabulary = weight.len().checked_div(hidden).unwrap_or(0);
    assert!(rows.len() == labels.len() * hidden && weight.len() == vocabulary * hidden);
    assert!(bias.is_none_or(|bias| bias.len() == vocabulary));
    assert!(labels.iter().all(|label| (*label as usize) < vocabulary));
    let mut computed = Computed {
        sum: 0.0,
        rows: if wanted.rows { vec![0.0; rows.len()] } else { Vec::new() },
        weight: if wanted.weight { of_length(memory, weight.len()) } else { Vec::new() },
        bias: if wanted.bias { vec![0.0; vocabulary] } else { Vec::new() },
        losses: Vec::new(),
        predicted: Vec::new(),
    };
    if labels.is_empty() {
        computed.weight.fill(0.0);
        return computed;
    }
    let chunk = chunk_rows(labels.len(), vocabulary, chunk_scores);
    let mut scores = vec![0.0; chunk * vocabulary];
    for (index, labels) in labels.chunks(chunk).enumerate() {
        let (count, from) = (labels.len(), index * chunk * hidden);
        let rows = &rows[from..from + count * hidden];
        let scores = &mut scores[..count * vocabulary];
        shared_product(scores, Matrix::new(rows, hidden), Matrix::new(weight, hidden).transposed(), Onto::Nothing);
        let of_rows = judged(scores, labels, inputs, wanted);
        computed.sum += of_rows.iter().map(|row| row.smoothed).sum::<f64>();
        if wanted.losses {
            computed.losses.extend(of_rows.iter().map(|row| row.loss as f32));
        }
        if wanted.predicted {
            computed.predicted.extend(of_rows.iter().map(|row| row.predicted));
        }
        if wanted.rows {
            let output = &mut computed.rows[from..from + count * hidden];
            shared_product(output, Matrix::new(scores, vocabulary), Matrix::new(weight, hidden), Onto::Nothing);
        }
        if wanted.weight {
            let gradients = Matrix::new(scores, vocabulary).transposed();
            let onto = if index == 0 { Onto::Nothing } else { Onto::Values };
            shared_product(&mut computed.weight, gradients, Matrix::new(rows, hidden), onto);
        }
        if wanted.bias {
            add_rows(&mut computed.bias, scores);
        }
    }
    computed
}

/// Rows of a chunk: as many in each, so that the last is not much smaller than the others.
fn chunk_rows(rows: usize, vocabulary: usize, chunk_scores: usize) -> usize {
    let most = (chunk_scores / vocabulary.max(1)).max(1);
    rows.div_ceil(rows.div_ceil(most))
}

/// What each row of a chunk gives, in their order; its scores become their gradients if those are wanted.
fn judged(scores: &mut [f32], labels: &[u32], inputs: &Inputs<'_>, wanted: Wanted) -> Vec<OfRow> {
    let vocabulary = scores.len() / labels.len();
    let rows = (TASK_SCORES / vocabulary).max(1);
    let mut of_rows = vec![OfRow::default(); labels.len()];
    let tasks = scores.par_chunks_mut(rows * vocabulary).zip(labels.par_chunks(rows)).zip(of_rows.par_chunks_mut(rows));
    tasks.for_each(|((scores, labels), of_rows)| {
        for ((scores, label), of_row) in scores.chunks_exact_mut(vocabulary).zip(labels).zip(of_rows) {
            if let Some(bias) = inputs.bias {
                scores.iter_mut().zip(bias).for_each(|(score, bias)| *score += *bias);
            }
            *of_row = of_one_row(scores, *label as usize, inputs.smoothing, wanted);
        }
    });
    of_rows
}

/// What one row gives; its scores become their gradient if that is wanted.
fn of_one_row(scores: &mut [f32], label: usize, smoothing: f32, wanted: Wanted) -> OfRow {
    let (of_label, spread) = (f64::from(scores[label]), smoothing / scores.len() as f32);
    let sum_of_scores = if smoothing == 0.0 { 0.0 } else { dispatch!(sum(scores)) };
    let predicted = if wanted.predicted { first_largest(scores) } else { 0 };
    let log_sum = dispatch!(softmax(scores));
    if wanted.gradients() {
        if smoothing != 0.0 {
            for score in scores.iter_mut() {
                *score -= spread;
            }
        }
        scores[label] -= 1.0 - smoothing;
    }
    let smoothed = log_sum - (1.0 - f64::from(smoothing)) * of_label - f64::from(spread) * sum_of_scores;
    OfRow { smoothed, loss: log_sum - of_label, predicted }
}

/// Where the largest score stands; the first of equals, 0 if none is a number.
fn first_largest(scores: &[f32]) -> u32 {
    let largest = dispatch!(simd::largest(scores));
    scores.iter().position(|score| *score >= largest).unwrap_or(0) as u32
}

/// Numbers of a row that are added up in single precision.
const BLOCK: usize = 1024;

/// Scores become probabilities; gives the logarithm of the sum of their exponentials.
#[inline(always)]
fn softmax(scores: &mut [f32]) -> f64 {
    let (largest, mut sum) = (simd::largest(scores), 0.0);
    for block in scores.chunks_mut(BLOCK) {
        for score in block.iter_mut() {
            *score = simd::exp(*score - largest);
        }
        sum += f64::from(simd::sum(block));
    }
    let scale = (1.0 / sum) as f32;
    for score in scores.iter_mut() {
        *score *= scale;
    }
    f64::from(largest) + sum.ln()
}

/// The sum of a row.
#[inline(always)]
fn sum(values: &[f32]) -> f64 {
    let mut all = 0.0;
    for block in values.chunks(BLOCK) {
        all += f64::from(simd::sum(block));
    }
    all
}

/// Adds every row to `sum`, in their order.
fn add_rows(sum: &mut [f32], rows: &[f32]) {
    let columns = sum.len();
    sum.par_chunks_mut(1024).enumerate().for_each(|(part, sum)| {
        for row in rows.chunks_exact(columns) {
            sum.iter_mut().zip(&row[part * 1024..]).for_each(|(sum, value)| *sum += *value);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::random::Stream;

    const HIDDEN: usize = 40;
    const VOCABULARY: usize = 1030;
    /// With these numbers a product is large enough to be shared by threads.
    const ROWS: usize = 33;
    const NOTHING: Wanted = Wanted { rows: false, weight: false, bias: false, losses: false, predicted: false };
    const ALL: Wanted = Wanted { rows: true, weight: true, bias: true, ..NOTHING };

    struct Numbers {
        rows: Vec<f32>,
        weight: Vec<f32>,
        bias: Vec<f32>,
        labels: Vec<u32>,
    }

    fn numbers() -> Numbers {
        let drawn = |name: &str, count: usize| -> Vec<f32> {
            Stream::initialisation(3, name).normal(count).iter().map(|value| *value as f32).collect()
        };
        Numbers {
            rows: drawn("rows", ROWS * HIDDEN),
            weight: drawn("weight", VOCABULARY * HIDDEN),
            bias: drawn("bias", VOCABULARY),
            labels: (0..ROWS as u32).map(|row| row * 37 % VOCABULARY as u32).collect(),
        }
    }

    fn inputs(numbers: &Numbers) -> Inputs<'_> {
        let Numbers { rows, weight, bias, labels } = numbers;
        Inputs { rows, weight, bias: Some(bias), labels, hidden: HIDDEN, smoothing: 0.1 }
    }

    #[test]
    fn chunks_of_every_size_give_the_same_numbers() {
        let numbers = numbers();
        let whole = linear_cross_entropy(&inputs(&numbers), ALL, usize::MAX, Vec::new());
        for rows in [1, 2, 3, 8, 16, 17, 32, 33] {
            let found = linear_cross_entropy(&inputs(&numbers), ALL, rows * VOCABULARY + 5, Vec::new());
            assert!((found.sum - whole.sum).abs() < 1e-4 * whole.sum, "{rows} rows: {} and {}", found.sum, whole.sum);
            let parts = [(&found.rows, &whole.rows), (&found.weight, &whole.weight), (&found.bias, &whole.bias)];
            for (found, whole) in parts {
                assert_eq!(found.len(), whole.len());
                let far = found.iter().zip(whole.iter()).find(|(a, b)| (**a - **b).abs() > 1e-5 * b.abs().max(1.0));
                assert_eq!(far, None, "{rows} rows");
            }
        }
    }

    #[test]
    fn the_bits_are_those_of_any_number_of_threads() {
        let numbers = numbers();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| linear_cross_entropy(&inputs(&numbers), ALL, 17 * VOCABULARY, Vec::new()))
        };
        let one = with(1);
        assert!((2..5).all(|threads| with(threads) == one));
    }

    #[test]
    fn gradients_that_are_not_wanted_are_not_computed() {
        let numbers = numbers();
        let none = linear_cross_entropy(&inputs(&numbers), Wanted::default(), usize::MAX, Vec::new());
        let all = linear_cross_entropy(&inputs(&numbers), ALL, usize::MAX, Vec::new());
        assert_eq!(none, Computed { sum: all.sum, ..Computed::default() });
        let of_rows =
            linear_cross_entropy(&inputs(&numbers), Wanted { rows: true, ..Wanted::default() }, usize::MAX, Vec::new());
        assert_eq!(of_rows, Computed { sum: all.sum, rows: all.rows, ..Computed::default() });
    }

    #[test]
    fn what_is_known_of_each_row_changes_no_bit_of_the_sum() {
        let numbers = numbers();
        let inputs = inputs(&numbers);
        for rows in [1, 8, 33] {
            let sum = linear_cross_entropy(&inputs, NOTHING, rows * VOCABULARY, Vec::new()).sum;
            let wanted = Wanted { losses: true, predicted: true, ..NOTHING };
            let found = linear_cross_entropy(&inputs, wanted, rows * VOCABULARY, Vec::new());
            assert_eq!((found.sum.to_bits(), found.losses.len(), found.predicted.len()), (sum.to_bits(), ROWS, ROWS));
            let only = linear_cross_entropy(&inputs, Wanted { losses: true, ..NOTHING }, rows * VOCABULARY, Vec::new());
            assert_eq!((only.sum.to_bits(), &only.losses, only.predicted.len()), (sum.to_bits(), &found.losses, 0));
            let with_gradients = Wanted { losses: true, predicted: true, ..ALL };
            let with_gradients = linear_cross_entropy(&inputs, with_gradients, rows * VOCABULARY, Vec::new());
            assert_eq!(
                (with_gradients.losses, with_gradients.predicted),
                (found.losses.clone(), found.predicted.clone())
            );
            for row in 0..ROWS {
                let (loss, predicted) = by_hand(&numbers, row);
                assert_eq!(found.predicted[row], predicted);
                assert!(
                    (f64::from(found.losses[row]) - loss).abs() < 1e-4,
                    "row {row}: {} and {loss}",
                    found.losses[row]
                );
            }
        }
        assert_eq!((first_largest(&[1.0, 3.0, 3.0]), first_largest(&[f32::NAN])), (1, 0));
    }

    /// The loss of a row and the id with the largest score, in double precision.
    fn by_hand(numbers: &Numbers, row: usize) -> (f64, u32) {
        let hidden = &numbers.rows[row * HIDDEN..(row + 1) * HIDDEN];
        let score = |(weight, bias): (&[f32], &f32)| -> f64 {
            let products = weight.iter().zip(hidden).map(|(a, b)| f64::from(*a) * f64::from(*b));
            products.sum::<f64>() + f64::from(*bias)
        };
        let scores: Vec<f64> = numbers.weight.chunks(HIDDEN).zip(&numbers.bias).map(score).collect();
        let sum: f64 = scores.iter().map(|score| score.exp()).sum();
        let best = (0..VOCABULARY).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
        (sum.ln() - scores[numbers.labels[row] as usize], best as u32)
    }

    #[test]
    fn chunks_are_of_about_one_size_and_within_the_limit() {
        assert_eq!(chunk_rows(171, 49_152, CHUNK_SCORES), 86);
        assert_eq!(chunk_rows(170, 49_152, CHUNK_SCORES), 170);
        assert_eq!(chunk_rows(5, 3, CHUNK_SCORES), 5);
        assert_eq!(chunk_rows(5, 3, 1), 1);
    }
}
