//! Entities as a metric: counts for each type.

use std::fmt::Write as _;

use super::{EntityCounts, EntityScheme, tags};
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::builtin::{BuiltIn, Shape, Statistic};
use crate::metrics::entities::{Entity, EntityScores};
use crate::metrics::{Average, EvaluationBatch, EvaluationLabels, Suits, first_maximum};

/// F1, precision and recall of entities; made by [`entity_f1`].
#[derive(Clone, Debug)]
pub struct EntityF1 {
    average: Average,
    scheme: EntityScheme,
    classes: Vec<String>,
    counts: EntityCounts,
    /// Words whose tag is right, and all.
    words: (u64, u64),
}

/// F1 of the named entities that the tags of words amount to: one counts if its type and both its ends are right. Keys:
/// `entity_f1`, `entity_f1_precision`, `entity_f1_recall`, and `entity_f1_accuracy`, the share of words whose tag is right.
/// Prints a table of the types.
///
/// The names of the classes are the tags: `O`, `B-PER`, `I-PER`, …
///
/// Source: `seqeval.metrics.f1_score` and its siblings, with `zero_division=0`.
pub fn entity_f1() -> BuiltIn<EntityF1> {
    let statistic = EntityF1 {
        average: Average::Micro,
        scheme: EntityScheme::default(),
        classes: Vec::new(),
        counts: EntityCounts::default(),
        words: (0, 0),
    };
    BuiltIn::new("entity_f1", statistic)
}

impl BuiltIn<EntityF1> {
    /// How the types become one value: [`Average::Micro`] if not said, else [`Average::Macro`] or [`Average::Weighted`].
    pub fn average(mut self, average: Average) -> Self {
        self.statistic.average = average;
        self
    }

    /// How tags are read; leniently if not said.
    pub fn scheme(mut self, scheme: EntityScheme) -> Self {
        self.statistic.scheme = scheme;
        self
    }
}

impl EntityF1 {
    fn check(&self, classes: usize) -> Result<()> {
        if self.classes.len() != classes {
            let message = format!("it needs the names of {classes} classes, and was told {}", self.classes.len());
            return Err(Error::new(ErrorKind::Metric, message));
        }
        if !matches!(self.average, Average::Micro | Average::Macro | Average::Weighted) {
            let message = format!("`average = \"{}\"` is not for entities", self.average.as_str());
            return Err(Error::new(ErrorKind::Metric, message)
                .help("write `average = \"micro\"`, `\"macro\"` or `\"weighted\"`"));
        }
        Ok(())
    }

    fn entities(&self, tags: &[tags::Tag<'_>], classes: impl Iterator<Item = u32>) -> Vec<Entity> {
        let row: Vec<_> = classes.filter_map(|class| tags.get(class as usize).copied()).collect();
        let spans = tags::spans(&row, self.scheme).into_iter();
        spans.map(|(kind, start, end)| Entity { kind: kind.to_owned(), start, end }).collect()
    }
}

/// The names of the classes as tags.
///
/// # Errors
/// [`ErrorKind::Metric`] for the first name that is none.
fn read_tags(classes: &[String]) -> Result<Vec<tags::Tag<'_>>> {
    tags::tags_of(classes).map_err(|name| {
        Error::new(ErrorKind::Metric, format!("`{name}` is no tag of a named entity")).help(
            "name the classes `O`, `B-PER`, `I-PER`, …: `#[label(name = \"B-PER\")]` on the variants of the label type",
        )
    })
}

impl Statistic for EntityF1 {
    const SUITS: Suits = Suits::Tags;

    fn shape(&self) -> Shape {
        Shape::Suffixed(&["", "_precision", "_recall", "_accuracy"])
    }

    fn set_classes(&mut self, classes: &[&str]) {
        self.classes = classes.iter().map(|class| (*class).to_owned()).collect();
    }

    fn reset(&mut self) {
        self.counts = EntityCounts::default();
        self.words = (0, 0);
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let (EvaluationLabels::Classes(labels), Some(lengths)) = (batch.labels, batch.sequences) else {
            return Err(Error::new(ErrorKind::Metric, "it needs to know which words make a sentence")
                .help("a batch that is made by hand needs `sequences: Some(…)`"));
        };
        self.check(batch.outputs)?;
        let mut found = Vec::with_capacity(lengths.len());
        let tags = read_tags(&self.classes)?;
        let mut words = 0..0;
        for length in lengths {
            words = words.end..words.end + length;
            let actual = labels.get(words.clone()).unwrap_or_default();
            let scores = batch.rows().skip(words.start).take(*length);
            let predicted: Vec<u32> = scores.map(first_maximum).collect();
            self.words.0 +=
                actual.iter().zip(&predicted).filter(|(actual, predicted)| actual == predicted).count() as u64;
            self.words.1 += *length as u64;
            let of = |classes: &[u32]| self.entities(&tags, classes.iter().copied());
            found.push((of(actual), of(&predicted)));
        }
        for (actual, predicted) in found {
            self.counts.add(&actual, &predicted);
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<Option<f64>>> {
        let EntityScores { precision, recall, f1 } = self.counts.scores(self.average);
        let (right, all) = self.words;
        Ok(vec![f1, precision, recall, (all > 0).then(|| right as f64 / all as f64)])
    }

    /// A row for each type that occurs.
    fn table(&self, _: &[String]) -> Option<String> {
        let rows: Vec<_> = self.counts.kinds().collect();
        if rows.is_empty() {
            return None;
        }
        let width = rows.iter().map(|(kind, ..)| kind.chars().count()).max().unwrap_or(0).max("entity".len());
        let mut table = format!("{:<width$}  precision  recall      f1  support", "entity");
        for (kind, EntityScores { precision, recall, f1 }, support) in rows {
            let [precision, recall, f1] = [precision, recall, f1].map(|score| score.unwrap_or(0.0));
            let _ = write!(table, "\n{kind:<width$}  {precision:>9.4}  {recall:>6.4}  {f1:>6.4}  {support:>7}");
        }
        Some(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metric;

    const CLASSES: [&str; 3] = ["O", "B-PER", "I-PER"];

    /// Logits whose largest is at each class.
    fn logits(classes: &[u32]) -> Vec<f32> {
        classes.iter().flat_map(|class| (0..3).map(move |other| f32::from(u8::from(other == *class)))).collect()
    }

    fn updated(mut metric: BuiltIn<EntityF1>, classes: &[&str]) -> Result<BuiltIn<EntityF1>> {
        metric.set_classes(classes);
        let logits = logits(&[1, 2, 0, 1, 1]);
        let labels = EvaluationLabels::Classes(&[1, 2, 0, 1, 2]);
        let sequences = Some(&[3, 2][..]);
        metric.update(&EvaluationBatch {
            logits: &logits,
            outputs: 3,
            labels,
            sequences,
            ..EvaluationBatch::default()
        })?;
        Ok(metric)
    }

    #[test]
    fn an_entity_counts_if_its_type_and_both_its_ends_are_right() {
        let mut metric = updated(entity_f1(), &CLASSES).unwrap();
        let values = metric.compute().unwrap();
        let keys: Vec<&str> = values.iter().map(|value| value.key.as_str()).collect();
        assert_eq!(keys, ["entity_f1", "entity_f1_precision", "entity_f1_recall", "entity_f1_accuracy"]);
        assert_eq!(keys, metric.keys());
        let values: Vec<_> = values.iter().map(|value| value.value).collect();
        // Of two entities one is found, and of the other two halves are predicted.
        assert_eq!(values, [Some(0.4), Some(1.0 / 3.0), Some(0.5), Some(0.8)]);
        let table = "entity  precision  recall      f1  support\nPER        0.3333  0.5000  0.4000        2";
        assert_eq!(metric.table().as_deref(), Some(table));
        metric.reset();
        assert!(metric.compute().unwrap().iter().all(|value| value.value.is_none()));
        assert_eq!(metric.table(), None);
    }

    #[test]
    fn names_that_are_no_tags_and_other_averages_are_refused() {
        let message = |metric, classes: &[&str]| updated(metric, classes).unwrap_err().to_string();
        let error = message(entity_f1(), &["O", "b_per", "i_per"]);
        assert!(error.starts_with("metric `entity_f1`: `b_per` is no tag of a named entity"), "{error}");
        assert!(message(entity_f1().average(Average::Samples), &CLASSES).contains("is not for entities"));
        assert!(message(entity_f1(), &["O"]).contains("needs the names of 3 classes"));
    }

    #[test]
    fn sentences_are_needed() {
        let mut metric = entity_f1();
        metric.set_classes(&CLASSES);
        let labels = EvaluationLabels::Classes(&[0]);
        let batch = EvaluationBatch { logits: &[1.0, 0.0, 0.0], outputs: 3, labels, ..EvaluationBatch::default() };
        let error = metric.update(&batch).unwrap_err().to_string();
        assert!(error.starts_with("`entity_f1` judges tags of words, and this task has something else"), "{error}");
    }
}
