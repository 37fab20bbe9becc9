//! What all built-in metrics share: a name, the check that they suit the task, and how their values get their keys.

use super::{EvaluationBatch, Metric, MetricValue, Suits};
use crate::error::{Error, ErrorKind, Result};

/// The part of a built-in metric that is its own: what it keeps, and what it makes of it.
pub trait Statistic: Send {
    /// The tasks that it can judge; a batch of another task never reaches it.
    const SUITS: Suits;

    /// Whether a larger value is better.
    fn greater_is_better(&self) -> bool {
        true
    }

    /// How many values it gives.
    fn shape(&self) -> Shape {
        Shape::One
    }

    /// Takes the names of the task's classes, in their order.
    fn set_classes(&mut self, classes: &[&str]) {
        let _ = classes;
    }

    /// Forgets all batches.
    fn reset(&mut self);

    /// Takes in one batch, which has been checked.
    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()>;

    /// The values: one, one for each class, or none, as [`Statistic::shape`] says.
    fn values(&self) -> Result<Vec<Option<f64>>>;

    /// A table to print under the values.
    fn table(&self, classes: &[String]) -> Option<String> {
        let _ = classes;
        None
    }
}

/// Defines statistics that are one figure of what is kept, a method of it: `Type: kept, added by method, gives figure`.
macro_rules! one_figure {
    ($($(#[$doc:meta])* $type:ident: $kept:ident, added by $add:ident, gives $figure:ident,
        suits $suits:ident, greater_is_better $greater:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default)]
            pub struct $type($kept);

            impl Statistic for $type {
                const SUITS: Suits = Suits::$suits;

                fn greater_is_better(&self) -> bool {
                    $greater
                }

                fn reset(&mut self) {
                    self.0 = $kept::default();
                }

                fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
                    self.0.$add(batch)
                }

                fn values(&self) -> Result<Vec<Option<f64>>> {
                    Ok(vec![self.0.$figure()])
                }
            }
        )+
    };
}
pub(super) use one_figure;

/// How many values a [`Statistic`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One, under the metric's name.
    One,
    /// One for each class, under `name_class`.
    PerClass,
    /// Several, each under the metric's name with one of these behind it.
    Suffixed(&'static [&'static str]),
    /// None: only a table.
    Nothing,
}

/// A built-in metric; made by the functions of this module, such as [`accuracy`](super::accuracy).
#[derive(Clone, Debug)]
pub struct BuiltIn<S> {
    name: String,
    classes: Vec<String>,
    pub(super) statistic: S,
}

impl<S: Statistic> BuiltIn<S> {
    pub(super) fn new(name: &str, statistic: S) -> Self {
        Self { name: name.to_owned(), classes: Vec::new(), statistic }
    }

    /// Gives it another name, which is its key in the results.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    fn key_of_class(&self, class: usize) -> String {
        match self.classes.get(class) {
            Some(name) => format!("{}_{name}", self.name),
            None => format!("{}_{class}", self.name),
        }
    }
}

impl<S: Statistic> Metric for BuiltIn<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn greater_is_better(&self) -> bool {
        self.statistic.greater_is_better()
    }

    fn set_classes(&mut self, classes: &[&str]) {
        self.classes = classes.iter().map(|class| (*class).to_owned()).collect();
        self.statistic.set_classes(classes);
    }

    fn keys(&self) -> Vec<String> {
        match self.statistic.shape() {
            Shape::One => vec![self.name.clone()],
            Shape::PerClass => (0..self.classes.len()).map(|class| self.key_of_class(class)).collect(),
            Shape::Suffixed(suffixes) => suffixes.iter().map(|suffix| format!("{}{suffix}", self.name)).collect(),
            Shape::Nothing => Vec::new(),
        }
    }

    fn needs_texts(&self) -> bool {
        matches!(S::SUITS, Suits::Texts)
    }

    fn needs_predicted_tokens(&self) -> bool {
        matches!(S::SUITS, Suits::ClassesAndTokens)
    }

    fn reset(&mut self) {
        self.statistic.reset();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        batch.check()?;
        if !S::SUITS.accepts(batch.kind()) {
            let message = format!("`{}` {}, and this task has something else", self.name, S::SUITS.sentence());
            return Err(Error::new(ErrorKind::Metric, message).help(Suits::fitting(batch.kind())));
        }
        self.statistic.update(batch).map_err(|error| error.at(format_args!("metric `{}`", self.name)))
    }

    fn compute(&self) -> Result<Vec<MetricValue>> {
        let values = self.statistic.values().map_err(|error| error.at(format_args!("metric `{}`", self.name)))?;
        let keyed = values.into_iter().enumerate().map(|(class, value)| {
            let key = match self.statistic.shape() {
                Shape::PerClass => self.key_of_class(class),
                Shape::Suffixed(suffixes) => format!("{}{}", self.name, suffixes.get(class).unwrap_or(&"")),
                Shape::One | Shape::Nothing => self.name.clone(),
            };
            MetricValue { key, value }
        });
        Ok(keyed.collect())
    }

    fn table(&self) -> Option<String> {
        self.statistic.table(&self.classes)
    }
}

/// Another number of outputs than in the batches before.
pub(super) fn other_width(before: usize, now: usize) -> Error {
    Error::new(ErrorKind::Shape, format!("a batch has {now} outputs for an item, the batches before had {before}"))
}
