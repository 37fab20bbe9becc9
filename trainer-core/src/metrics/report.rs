//! The table of the classes: precision, recall and F1 of each, and their averages.

use std::fmt;

use super::counts::ClassCounts;
use super::{AbsentClasses, Average, Ratio, ZeroDivision};

/// Precision, recall and F1 of every class, with averages; a division by zero is 0.
///
/// As in scikit-learn's `classification_report`. Averages over classes leave out those that are nowhere, as the
/// metrics do.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassificationReport {
    /// A row for each class, in their order.
    pub classes: Vec<ClassRow>,
    /// The share of items that are right; `None` where an item can have several classes.
    pub accuracy: Option<f64>,
    /// Over the sums of all classes' counts; `None` where each item has one class, as it is the accuracy there.
    pub micro: Option<AverageRow>,
    /// The mean over the classes.
    pub macro_average: AverageRow,
    /// The mean over the classes, weighted by how many items have each.
    pub weighted_average: AverageRow,
    /// How many labels there are: items, if each has one.
    pub support: u64,
}

/// The row of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassRow {
    /// The class's name.
    pub name: String,
    /// Of the items that were predicted to have it, the share that has it.
    pub precision: f64,
    /// Of the items that have it, the share that was found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// How many items have it.
    pub support: u64,
}

/// The row of an average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AverageRow {
    /// The averaged precision.
    pub precision: f64,
    /// The averaged recall.
    pub recall: f64,
    /// The averaged F1.
    pub f1: f64,
}

const RATIOS: [Ratio; 3] = [Ratio::Precision, Ratio::Recall, Ratio::F { beta: 1.0 }];

impl ClassificationReport {
    /// The table of `counts`, with the classes called by `names`; `None` without items.
    pub fn new(counts: &ClassCounts, names: &[String]) -> Option<Self> {
        if counts.items() == 0 {
            return None;
        }
        let row = |average| -> Option<AverageRow> {
            let value = |ratio| {
                let values = counts.ratio(ratio, average, ZeroDivision::Zero, AbsentClasses::LeftOut).ok()?;
                values.first().copied().flatten()
            };
            let [precision, recall, f1] = RATIOS.map(value);
            Some(AverageRow { precision: precision?, recall: recall?, f1: f1? })
        };
        let class = |index: usize| {
            let [found, predicted, actual] = [counts.found(), counts.predicted(), counts.actual()].map(|c| c[index]);
            let [precision, recall, f1] =
                RATIOS.map(|ratio| ratio.of(found, predicted, actual, ZeroDivision::Zero).unwrap_or(0.0));
            let name = names.get(index).cloned().unwrap_or_else(|| index.to_string());
            ClassRow { name, precision, recall, f1, support: actual }
        };
        let several = counts.is_multi_label();
        Some(Self {
            classes: (0..counts.classes()).map(class).collect(),
            accuracy: if several { None } else { counts.accuracy() },
            micro: if several { row(Average::Micro) } else { None },
            macro_average: row(Average::Macro)?,
            weighted_average: row(Average::Weighted)?,
            support: counts.actual().iter().sum(),
        })
    }
}

/// Aligned, with four decimals.
impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const AVERAGES: &str = "weighted average";
        let names = self.classes.iter().map(|class| class.name.chars().count());
        let first = names.chain([AVERAGES.len()]).max().unwrap_or(0);
        let count = self.support.to_string().len().max("support".len());
        write!(f, "{:<first$}  precision  recall      f1  {:>count$}", "", "support")?;
        for ClassRow { name, precision, recall, f1, support } in &self.classes {
            write!(f, "\n{name:<first$}  {precision:>9.4}  {recall:>6.4}  {f1:>6.4}  {support:>count$}")?;
        }
        writeln!(f)?;
        let support = self.support;
        if let Some(accuracy) = self.accuracy {
            write!(f, "\n{:<first$}  {:>9}  {:>6}  {accuracy:>6.4}  {support:>count$}", "accuracy", "", "")?;
        }
        let averages = [
            ("micro average", self.micro),
            ("macro average", Some(self.macro_average)),
            (AVERAGES, Some(self.weighted_average)),
        ];
        for (name, row) in averages {
            if let Some(AverageRow { precision, recall, f1 }) = row {
                write!(f, "\n{name:<first$}  {precision:>9.4}  {recall:>6.4}  {f1:>6.4}  {support:>count$}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["negative", "neutral", "positive"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_report_prints_aligned() {
        let counts = ClassCounts::of_classes(&[0, 0, 1, 2], &[0, 1, 1, 1], 3).unwrap();
        let report = ClassificationReport::new(&counts, &names()).unwrap();
        let expected = "                  precision  recall      f1  support
negative             1.0000  0.5000  0.6667        2
neutral              0.3333  1.0000  0.5000        1
positive             0.0000  0.0000  0.0000        1

accuracy                             0.5000        4
macro average        0.4444  0.5000  0.3889        4
weighted average     0.5833  0.5000  0.4583        4";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn several_labels_have_a_micro_average_and_no_accuracy() {
        let counts = ClassCounts::of_sets(&[true, false, true, true], &[true, true, false, true], 2).unwrap();
        let report = ClassificationReport::new(&counts, &names()[..2]).unwrap();
        assert_eq!(report.accuracy, None);
        let share = 2.0 / 3.0;
        assert_eq!(report.micro, Some(AverageRow { precision: share, recall: share, f1: share }));
        assert!(!report.to_string().contains("accuracy"));
    }

    #[test]
    fn without_items_there_is_no_report() {
        assert_eq!(ClassificationReport::new(&ClassCounts::of_classes(&[], &[], 3).unwrap(), &names()), None);
    }
}
