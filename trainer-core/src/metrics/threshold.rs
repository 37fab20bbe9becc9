//! The threshold above which a class is predicted, chosen on an evaluation set.

use super::counts::ClassCounts;
use super::{AbsentClasses, Average, Ratio, ZeroDivision};
use crate::error::{Error, ErrorKind, Result};

/// A threshold and how good it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestThreshold {
    /// A class is predicted where its probability is above this.
    pub threshold: f64,
    /// The measure with this threshold.
    pub score: f64,
}

/// The threshold with which a measure of an evaluation set is highest, where an item can have several classes; `None` without
/// items, or where the measure is not defined.
///
/// * `probabilities`: `[items * classes]`, each from 0 to 1, such as those of
///   [`ClassesPrediction`](crate::data::ClassesPrediction); `labels`: as many, whether the class is there.
/// * `ratio` and `average`: what is to be highest, such as [`Ratio::F1`] and [`Average::Macro`]. A division by zero counts 0.
///
/// What a trainer predicted chooses its own:
/// [`PredictionOutput::best_threshold`](crate::infer::PredictionOutput::best_threshold).
///
/// Every threshold that predicts something else is tried, each of which lies half-way between two probabilities. Of equally good ones it is
/// the one nearest to one half. A threshold chosen on a set looks better there than it is: judge it on another.
///
/// ```
/// use trainer_core::metrics::{Average, Ratio, best_threshold};
///
/// let probabilities = [0.9, 0.2, 0.4, 0.1, 0.3, 0.05];
/// let labels = [true, false, true, false, true, false];
/// let best = best_threshold(&probabilities, &labels, 2, Ratio::F1, Average::Micro)?;
/// assert_eq!(best.map(|best| (best.threshold, best.score)), Some((0.25, 1.0)));
/// # Ok::<(), trainer_core::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Shape`] for other lengths; [`ErrorKind::Numeric`] for what is no probability; [`ErrorKind::Metric`] for an
/// average that is not one value of several classes.
pub fn best_threshold(
    probabilities: &[f64],
    labels: &[bool],
    classes: usize,
    ratio: Ratio,
    average: Average,
) -> Result<Option<BestThreshold>> {
    check(probabilities, labels, classes, average)?;
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let mut sweep = Sweep::new(labels, classes, ratio, average)?;
    let mut best: Option<BestThreshold> = None;
    let (mut above, mut done) = (1.0, 0);
    // From a threshold that predicts nothing down to one that predicts everything.
    loop {
        let below = order.get(done).map_or(0.0, |next| probabilities[*next]);
        if below < above
            && let Some(score) = sweep.score()?
        {
            let candidate = BestThreshold { threshold: below + (above - below) / 2.0, score };
            best = Some(best.map_or(candidate, |best| best.or(candidate)));
        }
        let Some(first) = order.get(done) else { break };
        above = probabilities[*first];
        while let Some(next) = order.get(done).filter(|next| probabilities[**next] >= above) {
            sweep.predict(*next);
            done += 1;
        }
    }
    Ok(best)
}

impl BestThreshold {
    /// The better of two; of equally good ones the one nearest to one half.
    fn or(self, other: Self) -> Self {
        let from_half = |best: Self| (best.threshold - 0.5).abs();
        let is_as_good = other.score >= self.score && from_half(other) < from_half(self);
        if other.score > self.score || is_as_good { other } else { self }
    }
}

/// The measure while one prediction is added after another.
struct Sweep<'a> {
    labels: &'a [bool],
    classes: usize,
    ratio: Ratio,
    average: Average,
    counts: ClassCounts,
    /// Of each item: classes that are there and predicted, and predicted, and there.
    items: Vec<[u64; 3]>,
    /// The sum of the measure over items.
    of_items: f64,
}

impl<'a> Sweep<'a> {
    fn new(labels: &'a [bool], classes: usize, ratio: Ratio, average: Average) -> Result<Self> {
        let counts = ClassCounts::of_sets(labels, &vec![false; labels.len()], classes)?;
        let actual = |row: &[bool]| row.iter().filter(|has| **has).count() as u64;
        let items: Vec<[u64; 3]> = labels.chunks(classes).map(|row| [0, 0, actual(row)]).collect();
        let of_items = items.iter().map(|item| of_item(ratio, *item)).sum();
        Ok(Self { labels, classes, ratio, average, counts, items, of_items })
    }

    /// Predicts that an item has a class.
    fn predict(&mut self, at: usize) {
        let has = self.labels[at];
        self.counts.predict(at % self.classes, has);
        let item = &mut self.items[at / self.classes];
        self.of_items -= of_item(self.ratio, *item);
        item[0] += u64::from(has);
        item[1] += 1;
        self.of_items += of_item(self.ratio, *item);
    }

    fn score(&self) -> Result<Option<f64>> {
        if self.average == Average::Samples {
            return Ok((!self.items.is_empty()).then(|| self.of_items / self.items.len() as f64));
        }
        let values = self.counts.ratio(self.ratio, self.average, ZeroDivision::Zero, AbsentClasses::Counted)?;
        Ok(values.first().copied().flatten())
    }
}

fn of_item(ratio: Ratio, [found, predicted, actual]: [u64; 3]) -> f64 {
    ratio.of(found, predicted, actual, ZeroDivision::Zero).unwrap_or(0.0)
}

fn check(probabilities: &[f64], labels: &[bool], classes: usize, average: Average) -> Result<()> {
    if probabilities.len() != labels.len() || classes == 0 || !labels.len().is_multiple_of(classes) {
        let message = format!(
            "{} probabilities and {} labels do not make rows of {classes} classes",
            probabilities.len(),
            labels.len()
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    if let Some(wrong) = probabilities.iter().find(|probability| !(0.0..=1.0).contains(*probability)) {
        return Err(Error::new(ErrorKind::Numeric, format!("a probability is {wrong}"))
            .help("probabilities are from 0 to 1; of a logit `x` it is `1 / (1 + exp(-x))`"));
    }
    if matches!(average, Average::PerClass | Average::Binary) {
        let message =
            format!("the best threshold is that of one value, and `average = \"{}\"` gives none", average.as_str());
        return Err(
            Error::new(ErrorKind::Metric, message).help("take `Average::Macro`, `Micro`, `Weighted` or `Samples`")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const F1: Ratio = Ratio::F1;
    /// The sum over items is added up in another order.
    const ROUNDING: f64 = 1e-12;

    /// The measure with one threshold, all at once.
    fn score(probabilities: &[f64], labels: &[bool], average: Average, threshold: f64) -> f64 {
        let predictions: Vec<bool> = probabilities.iter().map(|probability| *probability > threshold).collect();
        let value = if average == Average::Samples {
            F1.over_items(labels, &predictions, 3, ZeroDivision::Zero)
        } else {
            let counts = ClassCounts::of_sets(labels, &predictions, 3).unwrap();
            counts.ratio(F1, average, ZeroDivision::Zero, AbsentClasses::Counted).unwrap()[0]
        };
        value.unwrap()
    }

    #[test]
    fn no_other_threshold_is_better() {
        let stream = crate::tensor::random::Stream::initialisation(3, "probabilities").normal(60);
        let probabilities: Vec<f64> = stream.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
        let labels: Vec<bool> = stream.iter().enumerate().map(|(at, x)| x + f64::from((at % 5) as u32) > 2.5).collect();
        for average in [Average::Micro, Average::Macro, Average::Weighted, Average::Samples] {
            let best = best_threshold(&probabilities, &labels, 3, F1, average).unwrap().unwrap();
            let of = |threshold| score(&probabilities, &labels, average, threshold);
            assert!((of(best.threshold) - best.score).abs() < ROUNDING);
            for step in 1..1000 {
                let other = of(f64::from(step) / 1000.0);
                assert!(other <= best.score + ROUNDING, "{average:?}: {other} at {step}/1000, best {best:?}");
            }
        }
    }

    #[test]
    fn of_equally_good_ones_it_is_the_one_nearest_to_one_half() {
        let best = best_threshold(&[0.1, 0.9], &[false, true], 1, F1, Average::Macro).unwrap();
        assert_eq!(best, Some(BestThreshold { threshold: 0.5, score: 1.0 }));
        let none = best_threshold(&[0.25, 0.5], &[false, false], 1, F1, Average::Macro).unwrap();
        assert_eq!(none, Some(BestThreshold { threshold: 0.375, score: 0.0 }));
        assert_eq!(best_threshold(&[], &[], 2, F1, Average::Macro).unwrap(), None);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        let refused = |probabilities: &[f64], labels: &[bool], average| {
            best_threshold(probabilities, labels, 2, F1, average).unwrap_err().kind()
        };
        assert_eq!(refused(&[0.5, 1.5], &[true, false], Average::Macro), ErrorKind::Numeric);
        assert_eq!(refused(&[0.5, f64::NAN], &[true, false], Average::Macro), ErrorKind::Numeric);
        assert_eq!(refused(&[0.5], &[true], Average::Macro), ErrorKind::Shape);
        assert_eq!(refused(&[0.5, 0.1], &[true, false], Average::PerClass), ErrorKind::Metric);
    }
}
