//! Metrics of an order: whether items that have a class are scored above those that do not.
//!
//! What comes in: labels and scores. What goes out: the area under the ROC curve, and the average precision. These
//! are the only metrics that keep scores, because every score is compared with every other; as `f32` logits.

mod metric;

pub use metric::{AveragePrecision, RankingMetric, RocAuc, average_precision, roc_auc};

use super::Average;
use super::average::mean_of_defined;
use super::batch::{no_class, not_a_number};
use crate::data::TaskKind;
use crate::error::{Error, ErrorKind, Result};

/// How well scores put what has a class above what has it not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// The share of pairs, one with the class and one without, that are in the right order; ties count half.
    ///
    /// Undefined if all items have the class, or none.
    RocAuc,
    /// The mean over the items with the class of the precision at their score; 0 if no item has it.
    AveragePrecision,
}

/// How a ranking of two becomes one of several classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MultiClass {
    /// Each class against all others together.
    #[default]
    OneVsRest,
    /// Each class against each other, among the items that have either.
    OneVsOne,
}

impl Ranking {
    /// Of items that have a class or not: both are `[items]`; undefined without items.
    ///
    /// Source: `sklearn.metrics.roc_auc_score`, `sklearn.metrics.average_precision_score`.
    pub fn of(self, labels: &[bool], scores: &[f64]) -> Result<Option<f64>> {
        check(labels.len(), scores, 1)?;
        Ok(self.of_checked(labels, scores))
    }

    /// Of items that can have several classes: both are `[items * classes]`.
    ///
    /// One value, or one for each class with [`Average::PerClass`]. A mean is undefined if one of its values is;
    /// the weighted one looks only at classes that an item has.
    pub fn over_sets(
        self,
        labels: &[bool],
        scores: &[f64],
        classes: usize,
        average: Average,
    ) -> Result<Vec<Option<f64>>> {
        check(labels.len(), scores, 1)?;
        if classes == 0 || !labels.len().is_multiple_of(classes) {
            let message = format!("{} labels do not make rows of {classes} classes", labels.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if let Some(objection) = average.objection(TaskKind::MultiLabelClassification, classes) {
            return Err(Error::new(ErrorKind::Metric, objection)
                .help("write `average = \"macro\"`, `\"micro\"`, `\"weighted\"` or `\"samples\"`"));
        }
        Ok(self.over_sets_checked(labels, scores, classes, average))
    }

    /// Of items that have one class each: `labels` is `[items]`, `scores` `[items * classes]`, such as probabilities.
    ///
    /// With two classes it is the ranking by the score of the second, whatever the average, but for
    /// [`Average::PerClass`]. [`MultiClass::OneVsOne`] can be averaged only as [`Average::Macro`] and
    /// [`Average::Weighted`]; pairs are among the classes that items have.
    pub fn over_classes(
        self,
        labels: &[u32],
        scores: &[f64],
        classes: usize,
        average: Average,
        multi_class: MultiClass,
    ) -> Result<Vec<Option<f64>>> {
        check(labels.len(), scores, classes)?;
        if let Some(item) = labels.iter().position(|label| *label as usize >= classes) {
            return Err(no_class(labels[item], item, classes));
        }
        if let Some(objection) = average.objection(TaskKind::SequenceClassification, classes) {
            return Err(Error::new(ErrorKind::Metric, objection)
                .help("write `average = \"macro\"`, `\"micro\"` or `\"weighted\"`"));
        }
        if classes == 2 && average != Average::PerClass {
            let labels: Vec<bool> = labels.iter().map(|label| *label == 1).collect();
            return Ok(vec![self.of_checked(&labels, &column(scores, 2, 1))]);
        }
        match (multi_class, average) {
            (MultiClass::OneVsRest, _) => {
                let sets: Vec<bool> =
                    labels.iter().flat_map(|label| (0..classes).map(move |class| class == *label as usize)).collect();
                Ok(self.over_sets_checked(&sets, scores, classes, average))
            }
            (MultiClass::OneVsOne, Average::Macro | Average::Weighted) => {
                Ok(vec![self.over_pairs(labels, scores, classes, average)])
            }
            (MultiClass::OneVsOne, _) => {
                let message = format!("pairs of classes have no `average = \"{}\"`", average.as_str());
                Err(Error::new(ErrorKind::Metric, message).help("write `average = \"macro\"` or `\"weighted\"`"))
            }
        }
    }

    fn of_checked(self, labels: &[bool], scores: &[f64]) -> Option<f64> {
        if labels.is_empty() {
            return None;
        }
        let ties = ties_from_the_highest(labels, scores);
        let positives: u64 = ties.iter().map(|tie| tie.positives).sum();
        let negatives = labels.len() as u64 - positives;
        match self {
            Self::RocAuc => {
                let mut below = negatives;
                let mut twice_won: u128 = 0;
                for tie in &ties {
                    below -= tie.negatives;
                    twice_won += u128::from(tie.positives) * u128::from(2 * below + tie.negatives);
                }
                let pairs = u128::from(positives) * u128::from(negatives);
                (pairs > 0).then(|| twice_won as f64 / (2.0 * pairs as f64))
            }
            Self::AveragePrecision => {
                let (mut found, mut seen, mut sum) = (0, 0, 0.0);
                for tie in &ties {
                    found += tie.positives;
                    seen += tie.positives + tie.negatives;
                    sum += tie.positives as f64 * found as f64 / seen as f64;
                }
                Some(if positives == 0 { 0.0 } else { sum / positives as f64 })
            }
        }
    }

    fn over_sets_checked(self, labels: &[bool], scores: &[f64], classes: usize, average: Average) -> Vec<Option<f64>> {
        let class = |class| self.of_checked(&column(labels, classes, class), &column(scores, classes, class));
        let mean = |values: Vec<Option<f64>>| {
            let defined: Option<Vec<_>> = values.into_iter().map(|value| value.map(Some)).collect();
            vec![defined.and_then(|values| mean_of_defined(&values, None))]
        };
        match average {
            Average::Macro => mean((0..classes).map(class).collect()),
            Average::Micro => vec![self.of_checked(labels, scores)],
            Average::Samples => {
                let rows = labels.chunks_exact(classes).zip(scores.chunks_exact(classes));
                mean(rows.map(|(labels, scores)| self.of_checked(labels, scores)).collect())
            }
            Average::Weighted => {
                let weights = (0..classes)
                    .map(|class| labels.iter().skip(class).step_by(classes).filter(|label| **label).count() as f64);
                let weights: Vec<f64> = weights.collect();
                if weights.iter().all(|weight| *weight == 0.0) {
                    return vec![if self == Self::AveragePrecision && !labels.is_empty() { Some(0.0) } else { None }];
                }
                let there: Vec<usize> = (0..classes).filter(|class| weights[*class] > 0.0).collect();
                let values: Option<Vec<_>> = there.iter().map(|there| class(*there).map(Some)).collect();
                let weights: Vec<f64> = there.iter().map(|class| weights[*class]).collect();
                vec![values.and_then(|values| mean_of_defined(&values, Some(&weights)))]
            }
            Average::PerClass | Average::Binary => (0..classes).map(class).collect(),
        }
    }

    fn over_pairs(self, labels: &[u32], scores: &[f64], classes: usize, average: Average) -> Option<f64> {
        let there: Vec<u32> = (0..classes as u32).filter(|class| labels.contains(class)).collect();
        let (mut values, mut weights) = (Vec::new(), Vec::new());
        for (position, &a) in there.iter().enumerate() {
            for &b in &there[position + 1..] {
                let items: Vec<usize> = (0..labels.len()).filter(|item| [a, b].contains(&labels[*item])).collect();
                let against = |class: u32| {
                    let labels: Vec<bool> = items.iter().map(|item| labels[*item] == class).collect();
                    let scores: Vec<f64> = items.iter().map(|item| scores[item * classes + class as usize]).collect();
                    self.of_checked(&labels, &scores)
                };
                values.push(against(a).zip(against(b)).map(|(a, b)| f64::midpoint(a, b)));
                weights.push(items.len() as f64);
            }
        }
        mean_of_defined(&values, (average == Average::Weighted).then_some(&weights))
    }
}

/// The items of one score.
struct Tie {
    positives: u64,
    negatives: u64,
}

#[expect(clippy::float_cmp, reason = "a tie is of scores that are exactly equal")]
fn ties_from_the_highest(labels: &[bool], scores: &[f64]) -> Vec<Tie> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    // `==` rather than the sort's order, for which -0.0 is below 0.0.
    let ties = order.chunk_by(|a, b| scores[*a] == scores[*b]);
    ties.map(|tie| {
        let positives = tie.iter().filter(|item| labels[**item]).count() as u64;
        Tie { positives, negatives: tie.len() as u64 - positives }
    })
    .collect()
}

fn column<T: Copy>(rows: &[T], width: usize, index: usize) -> Vec<T> {
    rows.iter().skip(index).step_by(width).copied().collect()
}

fn check(labels: usize, scores: &[f64], classes: usize) -> Result<()> {
    if labels.checked_mul(classes) != Some(scores.len()) || classes == 0 {
        let message = format!("{} scores do not match {labels} labels of {classes} classes", scores.len());
        return Err(Error::new(ErrorKind::Shape, message));
    }
    match scores.iter().position(|score| score.is_nan()) {
        Some(position) => Err(not_a_number("a score", position / classes)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_minus_zero_are_the_same_score() {
        assert_eq!(Ranking::RocAuc.of(&[true, false], &[-0.0, 0.0]).unwrap(), Some(0.5));
    }

    #[test]
    fn a_score_that_is_no_number_is_refused() {
        let error = Ranking::RocAuc.of(&[true, false], &[0.1, f64::NAN]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Numeric);
    }

    #[test]
    fn two_classes_have_a_value_each_if_no_average_is_asked() {
        let scores = [0.9, 0.1, 0.2, 0.8];
        let values =
            Ranking::RocAuc.over_classes(&[0, 1], &scores, 2, Average::PerClass, MultiClass::OneVsRest).unwrap();
        assert_eq!(values, [Some(1.0), Some(1.0)]);
    }

    #[test]
    fn pairs_have_no_micro_average() {
        let error =
            Ranking::RocAuc.over_classes(&[0, 1, 2], &[0.0; 9], 3, Average::Micro, MultiClass::OneVsOne).unwrap_err();
        assert_eq!(error.message(), "pairs of classes have no `average = \"micro\"`");
    }

    #[test]
    fn no_positive_anywhere_is_undefined_for_roc_auc_and_zero_for_average_precision() {
        let weighted = |ranking: Ranking| ranking.over_sets(&[false; 4], &[0.0; 4], 2, Average::Weighted).unwrap();
        assert_eq!(weighted(Ranking::RocAuc), [None]);
        assert_eq!(weighted(Ranking::AveragePrecision), [Some(0.0)]);
    }
}
