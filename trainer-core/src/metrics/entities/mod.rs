//! Named entities: what the tags of a sentence amount to.
//!
//! What comes in: tags such as `B-PER`, word by word. What goes out: entities with their type and place, and how many were
//! found where they are. It refuses names of classes that are no tags.

mod metric;
mod tags;

use std::collections::BTreeMap;

use super::average::{Average, mean_of_defined};
pub use metric::{EntityF1, entity_f1};
pub use tags::is_tag;

use tags::Tag;

/// An entity of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    /// Its type, such as `PER` of `B-PER`; `_` if the tag has none.
    pub kind: String,
    /// The place of its first word in the sentence.
    pub start: usize,
    /// The place after its last word.
    pub end: usize,
}

/// How tags are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntityScheme {
    /// Leniently, in any of the usual schemes: an `I-PER` without a beginning begins an entity itself.
    ///
    /// Source: `seqeval` as it is used without a scheme.
    #[default]
    Lenient,
    /// Strictly as IOB2: an entity is a `B` and the `I`s of its type after it; any other `I` is none.
    ///
    /// Source: `seqeval` with `mode="strict", scheme=IOB2`.
    Iob2,
    /// Strictly as BIOES: an entity is an `S` alone, or a `B`, then `I`s, then an `E`, all of one type.
    ///
    /// Source: `seqeval` with `mode="strict", scheme=IOBES`.
    Bioes,
}

/// The entities of one sentence, in their order.
///
/// ```
/// use trainer_core::metrics::EntityScheme;
/// use trainer_core::metrics::entities::entities_of;
///
/// let found = entities_of(&["B-PER", "I-PER", "O", "I-LOC"], EntityScheme::Lenient);
/// let places: Vec<_> = found.iter().map(|entity| (entity.kind.as_str(), entity.start..entity.end)).collect();
/// assert_eq!(places, [("PER", 0..2), ("LOC", 3..4)]);
/// assert_eq!(entities_of(&["B-PER", "I-PER", "O", "I-LOC"], EntityScheme::Iob2).len(), 1);
/// ```
///
/// Source: `seqeval.metrics.sequence_labeling.get_entities`, `seqeval.scheme.Entities`.
pub fn entities_of(tags: &[&str], scheme: EntityScheme) -> Vec<Entity> {
    let tags: Vec<Tag<'_>> = tags.iter().map(|tag| Tag::read(tag)).collect();
    tags::spans(&tags, scheme)
        .into_iter()
        .map(|(kind, start, end)| Entity { kind: kind.to_owned(), start, end })
        .collect()
}

/// How many entities of each type there are, were predicted, and were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityCounts {
    /// By type: those that are there, those that were predicted, and those that were predicted where they are.
    by_kind: BTreeMap<String, [u64; 3]>,
    sentences: u64,
}

/// Precision, recall and F1 of entities.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EntityScores {
    /// Of the entities that were predicted, the share that is there; 0 if none was predicted.
    pub precision: Option<f64>,
    /// Of the entities that are there, the share that was predicted; 0 if none is there.
    pub recall: Option<f64>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
}

impl EntityCounts {
    /// Adds the entities of a sentence.
    pub fn add(&mut self, actual: &[Entity], predicted: &[Entity]) {
        self.sentences += 1;
        for entity in actual {
            self.of_kind(&entity.kind)[0] += 1;
        }
        for entity in predicted {
            self.of_kind(&entity.kind)[1] += 1;
            if actual.contains(entity) {
                self.of_kind(&entity.kind)[2] += 1;
            }
        }
    }

    fn of_kind(&mut self, kind: &str) -> &mut [u64; 3] {
        self.by_kind.entry(kind.to_owned()).or_default()
    }

    /// The types that occur, in alphabetical order, each with its scores and how many entities of it there are.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, EntityScores, u64)> {
        self.by_kind.iter().map(|(kind, counts)| (kind.as_str(), EntityScores::of(*counts), counts[0]))
    }

    /// The scores of all types together: over the sums of their counts ([`Average::Micro`]), or as a mean of the types, plain
    /// ([`Average::Macro`]) or weighted by how many entities of each there are ([`Average::Weighted`]). Undefined without
    /// sentences, and a plain mean without any entity; of another average undefined too.
    ///
    /// Source: `seqeval.metrics.precision_score`, `recall_score`, `f1_score` with `zero_division=0`.
    pub fn scores(&self, average: Average) -> EntityScores {
        if self.sentences == 0 {
            return EntityScores::default();
        }
        let counts = || self.by_kind.values().copied();
        let scores: Vec<EntityScores> = counts().map(EntityScores::of).collect();
        let mean = |weights: Option<&[f64]>| {
            let of = |value: fn(&EntityScores) -> Option<f64>| {
                mean_of_defined(&scores.iter().map(value).collect::<Vec<_>>(), weights)
            };
            EntityScores { precision: of(|s| s.precision), recall: of(|s| s.recall), f1: of(|s| s.f1) }
        };
        match average {
            Average::Micro => {
                let sum = |at: usize| counts().filter_map(|counts| counts.get(at).copied()).sum::<u64>();
                EntityScores::of([sum(0), sum(1), sum(2)])
            }
            Average::Macro => mean(None),
            Average::Weighted if counts().all(|[actual, ..]| actual == 0) => EntityScores::of([0; 3]),
            Average::Weighted => mean(Some(&counts().map(|[actual, ..]| actual as f64).collect::<Vec<_>>())),
            _ => EntityScores::default(),
        }
    }
}

impl EntityScores {
    fn of([actual, predicted, found]: [u64; 3]) -> Self {
        let share = |below: u64| if below == 0 { 0.0 } else { found as f64 / below as f64 };
        let (precision, recall) = (share(predicted), share(actual));
        let sum = precision + recall;
        let f1 = if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum };
        Self { precision: Some(precision), recall: Some(recall), f1: Some(f1) }
    }
}
