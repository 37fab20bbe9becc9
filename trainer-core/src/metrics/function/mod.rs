//! Metrics that are functions of the user's, made by `#[metric]`.
//!
//! What comes in: a function whose arguments say what it needs, and batches. What is kept: that, and no more. What goes
//! out: the function's return value as metric values. It refuses an argument that does not fit the task.

mod arguments;
mod elements;
mod entities;
mod kept;
mod returned;
mod texts;
mod values;

use std::marker::PhantomData;

pub use arguments::{Labels, Logits, Losses, MetricArgument, Predictions, Probabilities, Scores};
pub use elements::MetricElement;
pub use entities::Entities;
pub use kept::{Kept, Needs};
pub use returned::{IsAValue, MetricReturn, Returned, metric_returns_a_value};
pub use texts::Texts;
pub use values::values;

use super::{EvaluationBatch, Metric, MetricValue};
use crate::data::LabelSet;
use crate::error::{Error, ErrorKind, Result};

/// A function of the user's as a metric; made by `#[metric]`.
///
/// For a function `near`, the macro leaves the function as it is and adds an empty enum of the same name, which lives
/// beside it because functions and types have separate names:
///
/// ```
/// # use trainer_core::data::{ClassLabel, LabelSet};
/// # use trainer_core::metrics::{Labels, Predictions};
/// # #[derive(Clone, Copy, PartialEq)]
/// # enum Rating { Bad, Good }
/// # impl ClassLabel for Rating {
/// #     const COUNT: usize = 2;
/// #     const NAMES: &'static [&'static str] = &["bad", "good"];
/// #     const TYPE_NAME: &'static str = "Rating";
/// #     fn index(&self) -> usize { *self as usize }
/// #     fn from_index(index: usize) -> Option<Self> { [Self::Bad, Self::Good].get(index).copied() }
/// # }
/// fn near(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
///     let right = predictions.iter().zip(labels.iter()).filter(|(prediction, label)| prediction == label).count();
///     right as f64 / labels.len() as f64
/// }
///
/// #[allow(non_camel_case_types)]
/// #[doc(hidden)]
/// enum near {}
///
/// impl ::trainer_core::metrics::MetricFunction for near {
///     const NAME: &'static str = "near";
///     const GREATER_IS_BETTER: bool = true;
///     const NEEDS: ::trainer_core::metrics::Needs = ::trainer_core::metrics::Needs::NOTHING
///         .and(<Predictions<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::NEEDS)
///         .and(<Labels<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::NEEDS);
///     const LABELS: ::core::option::Option<::trainer_core::data::LabelSet> = ::trainer_core::metrics::first_labels(&[
///         <Predictions<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
///         <Labels<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
///     ]);
///
///     fn compute(
///         kept: &::trainer_core::metrics::Kept,
///     ) -> ::trainer_core::Result<::std::vec::Vec<::trainer_core::metrics::MetricValue>> {
///         ::trainer_core::metrics::values(
///             Self::NAME,
///             near(
///                 ::trainer_core::metrics::MetricArgument::view(kept)?,
///                 ::trainer_core::metrics::MetricArgument::view(kept)?,
///             ),
///         )
///     }
/// }
///
/// // For each argument after the first that has labels, spanned at its type:
/// const _: () = assert!(
///     ::trainer_core::metrics::same_labels(
///         <Predictions<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
///         <Labels<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
///     ),
///     "the arguments of `near` are over different classes",
/// );
/// # use trainer_core::metrics::{EvaluationBatch, EvaluationLabels, FunctionMetric, Metric};
/// # let mut metric = FunctionMetric::<near>::new();
/// # let labels = EvaluationLabels::Classes(&[0, 0]);
/// # metric.update(&EvaluationBatch { logits: &[1.0, 0.0, 0.0, 1.0], outputs: 2, labels, ..Default::default() }).unwrap();
/// # assert_eq!(metric.compute().unwrap()[0].value, Some(0.5));
/// ```
///
/// `#[trainer]` puts `Box::new(FunctionMetric::<near>::new())` into the [`MetricSet`](super::MetricSet), and compares
/// `<near as MetricFunction>::LABELS` with the labels of the task by [`same_labels`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "write `#[metric]` on the function `{Self}`"
)]
pub trait MetricFunction: 'static {
    /// Its key in the results, or the prefix of its keys.
    const NAME: &'static str;
    /// Whether a larger value is better.
    const GREATER_IS_BETTER: bool;
    /// What has to be kept of every batch.
    const NEEDS: Needs;
    /// The classes that it speaks of.
    const LABELS: Option<LabelSet>;
    /// Whether it may give values under other keys than its name, which then is their prefix.
    const GIVES_SEVERAL: bool = true;

    /// Calls the function with what was kept.
    fn compute(kept: &Kept) -> Result<Vec<MetricValue>>;
}

/// A [`MetricFunction`] as a metric: keeps what it needs, and calls it at the end.
pub struct FunctionMetric<F> {
    kept: Kept,
    /// Why the function cannot judge this task, if it cannot.
    objection: Option<String>,
    function: PhantomData<fn() -> F>,
}

impl<F> FunctionMetric<F> {
    /// The metric, with nothing kept yet.
    // The bound is here and not on the impl, so that a function without `#[metric]` gets the trait's own message.
    pub fn new() -> Self
    where
        F: MetricFunction,
    {
        Self { kept: Kept::new(F::NEEDS), objection: None, function: PhantomData }
    }
}

impl<F: MetricFunction> Default for FunctionMetric<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: MetricFunction> std::fmt::Debug for FunctionMetric<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionMetric").field("name", &F::NAME).field("kept", &self.kept).finish_non_exhaustive()
    }
}

impl<F: MetricFunction> Metric for FunctionMetric<F> {
    fn name(&self) -> &str {
        F::NAME
    }

    fn greater_is_better(&self) -> bool {
        F::GREATER_IS_BETTER
    }

    fn gives_other_keys(&self) -> bool {
        F::GIVES_SEVERAL
    }

    fn needs_texts(&self) -> bool {
        F::NEEDS.includes(Needs::TEXTS)
    }

    fn needs_predicted_tokens(&self) -> bool {
        F::NEEDS.includes(Needs::PREDICTIONS)
    }

    fn set_classes(&mut self, classes: &[&str]) {
        self.kept.set_classes(classes);
        self.objection = F::LABELS.filter(|labels| labels.names != classes).map(|labels| {
            let (own, task) = (labels.names.join(", "), classes.join(", "));
            format!("`{}` is about the classes of `{}` ({own}), but this task has {task}", F::NAME, labels.type_name)
        });
    }

    fn reset(&mut self) {
        self.kept.clear();
    }

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        if let Some(objection) = &self.objection {
            return Err(Error::new(ErrorKind::Metric, objection.clone())
                .help("write the metric over the label type of the task"));
        }
        batch.check()?;
        self.kept.add(batch).map_err(|error| error.at(format_args!("metric `{}`", F::NAME)))
    }

    /// The function's values; one undefined value without calling it, if there were no items.
    fn compute(&self) -> Result<Vec<MetricValue>> {
        if self.kept.is_empty() {
            return Ok(vec![MetricValue { key: F::NAME.to_owned(), value: None }]);
        }
        F::compute(&self.kept).map_err(|error| error.at(format_args!("metric `{}`", F::NAME)))
    }
}

/// Whether two arguments, or a metric and a task, speak of the same classes; what speaks of none goes with all.
pub const fn same_labels(a: Option<LabelSet>, b: Option<LabelSet>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    if !same_text(a.type_name, b.type_name) || a.names.len() != b.names.len() {
        return false;
    }
    let mut class = 0;
    while class < a.names.len() {
        if !same_text(a.names[class], b.names[class]) {
            return false;
        }
        class += 1;
    }
    true
}

/// The classes of the first argument that speaks of any.
pub const fn first_labels(labels: &[Option<LabelSet>]) -> Option<LabelSet> {
    let mut argument = 0;
    while argument < labels.len() {
        if labels[argument].is_some() {
            return labels[argument];
        }
        argument += 1;
    }
    None
}

const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut position = 0;
    while position < a.len() {
        if a[position] != b[position] {
            return false;
        }
        position += 1;
    }
    true
}

#[cfg(test)]
mod tests;
