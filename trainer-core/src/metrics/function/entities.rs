//! Sentences with their tags, and the named entities that these amount to, as an argument.

use std::marker::PhantomData;

use super::arguments::MetricArgument;
use super::elements::{MetricElement, check_classes};
use super::kept::{Column, Kept, Needs};
use crate::data::{ClassLabel, LabelSet};
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::entities::{Entity, EntityScheme, entities_of};

/// The sentences of a task with a class for each word, and the named entities that these amount to where the classes are
/// called like tags: `O`, `B-PER`, `I-PER`, …
///
/// ```
/// use trainer_core::data::ClassLabel;
/// use trainer_core::metrics::{Entities, EntityScheme};
///
/// /// The share of sentences in which every entity is found and nothing else.
/// fn whole_sentences<T: ClassLabel>(sentences: Entities<'_, T>) -> f64 {
///     let right = (0..sentences.len()).filter(|at| {
///         sentences.actual(*at, EntityScheme::Lenient) == sentences.predicted(*at, EntityScheme::Lenient)
///     });
///     right.count() as f64 / sentences.len() as f64
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Entities<'a, T> {
    labels: &'a [u32],
    predictions: &'a [u32],
    lengths: &'a [usize],
    tags: PhantomData<fn() -> T>,
}

impl<'a, T: ClassLabel> Entities<'a, T> {
    /// How many sentences there are.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there is no sentence.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// The tags that the words of a sentence have; none from `len` on.
    pub fn labels(&self, sentence: usize) -> Vec<T> {
        self.tags(self.labels, sentence)
    }

    /// The tags that were predicted for the words of a sentence; none from `len` on.
    pub fn predictions(&self, sentence: usize) -> Vec<T> {
        self.tags(self.predictions, sentence)
    }

    /// The entities that are in a sentence.
    pub fn actual(&self, sentence: usize, scheme: EntityScheme) -> Vec<Entity> {
        entities(&self.labels(sentence), scheme)
    }

    /// The entities that were predicted in a sentence.
    pub fn predicted(&self, sentence: usize, scheme: EntityScheme) -> Vec<Entity> {
        entities(&self.predictions(sentence), scheme)
    }

    fn tags(&self, all: &'a [u32], sentence: usize) -> Vec<T> {
        let Some(length) = self.lengths.get(sentence) else { return Vec::new() };
        let start: usize = self.lengths.iter().take(sentence).sum();
        let classes = all.get(start..start + length).unwrap_or_default();
        classes.iter().filter_map(|class| T::from_index(*class as usize)).collect()
    }
}

fn entities<T: ClassLabel>(tags: &[T], scheme: EntityScheme) -> Vec<Entity> {
    let names: Vec<&str> = tags.iter().filter_map(|tag| T::NAMES.get(tag.index()).copied()).collect();
    entities_of(&names, scheme)
}

#[diagnostic::do_not_recommend]
impl<'a, T: ClassLabel> MetricArgument<'a> for Entities<'a, T> {
    const NEEDS: Needs = Needs::PREDICTIONS.and(Needs::LABELS).and(Needs::SENTENCES);
    const LABELS: Option<LabelSet> = <T as MetricElement>::LABELS;

    fn view(kept: &'a Kept) -> Result<Self> {
        let (labels, predictions) = match (&kept.labels, &kept.predictions) {
            (Column::Empty, _) | (_, Column::Empty) => (&[][..], &[][..]),
            (Column::Classes(labels), Column::Classes(predictions)) if !kept.sentences.is_empty() => {
                check_classes::<T>(kept.outputs())?;
                (labels.as_slice(), predictions.as_slice())
            }
            _ => {
                let message = "`Entities` is asked for, but this task has no sentences with a class for each word";
                return Err(Error::new(ErrorKind::Metric, message).help("take `Predictions` and `Labels`"));
            }
        };
        Ok(Self { labels, predictions, lengths: &kept.sentences, tags: PhantomData })
    }
}
