//! The confusion matrix: which class was taken for which.

use std::collections::BTreeMap;
use std::fmt;

use super::batch::no_class;
use super::builtin::other_width;
use super::{EvaluationBatch, EvaluationLabels, first_maximum};
use crate::error::{Error, ErrorKind, Result};

/// Above so many classes, the printed form lists the most frequent confusions instead of all cells.
const PRINTED_CLASSES: usize = 20;

/// How often items of each class were taken for each class; only the cells that occur are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: Vec<String>,
    cells: BTreeMap<(u32, u32), u64>,
}

/// How much it matters, for [`ConfusionMatrix::cohen_kappa`], that one class was taken for another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KappaWeights {
    /// All confusions are alike.
    #[default]
    Equal,
    /// As the distance of the classes in their order.
    Linear,
    /// As the square of that distance.
    Quadratic,
}

impl ConfusionMatrix {
    /// The matrix of `labels` and `predictions`, both `[items]` and below the number of `classes`.
    pub fn new(classes: &[&str], labels: &[u32], predictions: &[u32]) -> Result<Self> {
        if labels.len() != predictions.len() {
            let message = format!("{} labels do not match {} predictions", labels.len(), predictions.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let mut matrix = Self::default().named(classes.iter().map(|class| (*class).to_owned()).collect());
        for (item, (label, prediction)) in labels.iter().zip(predictions).enumerate() {
            let class = (*label).max(*prediction);
            if class as usize >= classes.len() {
                return Err(no_class(class, item, classes.len()));
            }
            *matrix.cells.entry((*label, *prediction)).or_default() += 1;
        }
        Ok(matrix)
    }

    /// Adds a batch that has been checked; classes without a name are called by their number.
    pub(super) fn add(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        if self.classes.is_empty() {
            self.classes = (0..batch.outputs).map(|class| class.to_string()).collect();
        }
        if self.classes.len() != batch.outputs {
            return Err(other_width(self.classes.len(), batch.outputs));
        }
        if let EvaluationLabels::Classes(labels) = batch.labels {
            for (label, row) in labels.iter().zip(batch.rows()) {
                *self.cells.entry((*label, first_maximum(row))).or_default() += 1;
            }
        }
        Ok(())
    }

    /// The same counts under other names; ignored if there is another number of them than of classes so far.
    pub(super) fn named(mut self, names: Vec<String>) -> Self {
        if self.classes.is_empty() || self.classes.len() == names.len() {
            self.classes = names;
        }
        self
    }

    /// Forgets the counts, keeps the names.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
    }

    /// The names of the classes, in their order.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How many items of the class `actual` were taken for the class `predicted`.
    pub fn count(&self, actual: usize, predicted: usize) -> u64 {
        let key = u32::try_from(actual).ok().zip(u32::try_from(predicted).ok());
        key.and_then(|key| self.cells.get(&key)).copied().unwrap_or(0)
    }

    /// All counts: a row for each class that items have, in it a count for each class that was predicted.
    pub fn counts(&self) -> Vec<Vec<u64>> {
        let classes = 0..self.classes.len();
        classes.clone().map(|actual| classes.clone().map(|predicted| self.count(actual, predicted)).collect()).collect()
    }

    /// How many items were counted.
    pub fn items(&self) -> u64 {
        self.cells.values().sum()
    }

    /// How much better the agreement of labels and predictions is than by chance: 1 is complete, 0 is chance.
    ///
    /// Undefined without items, and where labels and predictions are all one class.
    ///
    /// Source: `sklearn.metrics.cohen_kappa_score`.
    pub fn cohen_kappa(&self, weights: KappaWeights) -> Option<f64> {
        let items = self.items() as f64;
        let mut actual = vec![0.0; self.classes.len()];
        let mut predicted = vec![0.0; self.classes.len()];
        let mut observed = 0.0;
        for (&(label, prediction), &count) in &self.cells {
            actual[label as usize] += count as f64;
            predicted[prediction as usize] += count as f64;
            observed += weights.of(label as usize, prediction as usize) * count as f64;
        }
        let by_chance: f64 = match weights {
            KappaWeights::Equal => items * items - actual.iter().zip(&predicted).map(|(a, p)| a * p).sum::<f64>(),
            KappaWeights::Linear | KappaWeights::Quadratic => {
                let row = |(label, a): (usize, &f64)| {
                    let weighted = predicted.iter().enumerate().map(|(class, p)| weights.of(label, class) * p);
                    a * weighted.sum::<f64>()
                };
                actual.iter().enumerate().map(row).sum()
            }
        };
        (by_chance > 0.0).then(|| 1.0 - observed * items / by_chance)
    }

    fn write_cells(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CORNER: &str = "actual \\ predicted";
        let width_of = |text: &str| text.chars().count();
        let first = self.classes.iter().map(|name| width_of(name)).chain([CORNER.len()]).max().unwrap_or(0);
        let widest_count = |class: usize| {
            (0..self.classes.len()).map(|actual| self.count(actual, class).to_string().len()).max().unwrap_or(0)
        };
        let widths: Vec<usize> =
            self.classes.iter().enumerate().map(|(class, name)| width_of(name).max(widest_count(class))).collect();
        write!(f, "{CORNER:<first$}")?;
        for (name, width) in self.classes.iter().zip(&widths) {
            write!(f, "  {name:>width$}")?;
        }
        for (actual, name) in self.classes.iter().enumerate() {
            write!(f, "\n{name:<first$}")?;
            for (predicted, width) in widths.iter().enumerate() {
                write!(f, "  {:>width$}", self.count(actual, predicted))?;
            }
        }
        Ok(())
    }

    fn write_most_frequent(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut wrong: Vec<_> = self.cells.iter().filter(|((actual, predicted), _)| actual != predicted).collect();
        wrong.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
        let all: u64 = wrong.iter().map(|(_, count)| **count).sum();
        let name = |class: u32| self.classes.get(class as usize).map_or("", String::as_str);
        write!(f, "{all} of {} items taken for another class", self.items())?;
        for ((actual, predicted), count) in wrong.iter().take(PRINTED_CLASSES) {
            write!(f, "\n{count:>8}  {} taken for {}", name(*actual), name(*predicted))?;
        }
        if wrong.len() > PRINTED_CLASSES {
            write!(f, "\n{:>8}  in {} other pairs of classes", "…", wrong.len() - PRINTED_CLASSES)?;
        }
        Ok(())
    }
}

impl KappaWeights {
    fn of(self, a: usize, b: usize) -> f64 {
        let distance = a.abs_diff(b) as f64;
        match self {
            Self::Equal => f64::from(a != b),
            Self::Linear => distance,
            Self::Quadratic => distance * distance,
        }
    }
}

/// A row for each class that items have, a column for each that was predicted; the most frequent confusions instead,
/// if there are more than 20 classes.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.classes.len() <= PRINTED_CLASSES { self.write_cells(f) } else { self.write_most_frequent(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_prints_aligned() {
        let labels = [vec![0; 14], vec![1; 3]].concat();
        let predictions = [vec![0; 12], vec![1; 2], vec![1; 3]].concat();
        let matrix = ConfusionMatrix::new(&["bad", "excellent"], &labels, &predictions).unwrap();
        let expected = "actual \\ predicted  bad  excellent\n\
                        bad                  12          2\n\
                        excellent             0          3";
        assert_eq!(matrix.to_string(), expected);
    }

    #[test]
    fn many_classes_print_their_most_frequent_confusions() {
        let names: Vec<String> = (0..30).map(|class| format!("c{class}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let matrix = ConfusionMatrix::new(&names, &[1, 1, 2, 3], &[4, 4, 5, 3]).unwrap();
        assert_eq!(
            matrix.to_string(),
            "3 of 4 items taken for another class\n       2  c1 taken for c4\n       1  c2 taken for c5"
        );
    }

    #[test]
    fn linear_kappa_counts_the_distance_once() {
        let matrix = ConfusionMatrix::new(&["a", "b", "c"], &[0, 1, 2, 2], &[0, 2, 2, 0]).unwrap();
        // Observed distances: 1 + 2 = 3. By chance: (1*(2*2) + 1*(2*1 + 2*1) + 2*(2*2)) / 4 = 16 / 4.
        let kappa = matrix.cohen_kappa(KappaWeights::Linear).unwrap();
        assert!((kappa - 0.25).abs() < 1e-12, "{kappa}");
    }

    #[test]
    fn a_class_outside_the_names_is_refused() {
        assert_eq!(ConfusionMatrix::new(&["a", "b"], &[0], &[2]).unwrap_err().kind(), ErrorKind::Label);
    }
}
