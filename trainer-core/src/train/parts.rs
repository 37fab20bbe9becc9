//! The parts of a trainer.
use super::Callback;
use crate::args::TrainingArgs;
use crate::collate::Collator;
use crate::data::{Dataset, Example};
use crate::loss::Loss;
use crate::metrics::Metric;
use crate::model::Model;
use crate::text::Tokenizer;

/// The parts of a trainer; implemented by `#[trainer]`.
pub trait TrainerParts {
    /// The model.
    type Model: Model;
    /// The arguments.
    type Args: TrainingArgs;
    /// The examples.
    type Example: Example;
    /// The struct's name.
    const NAME: &'static str;
    /// The model.
    fn model(&self) -> &Self::Model;
    /// The arguments.
    fn args(&self) -> &Self::Args;
    /// The training set.
    fn train_dataset(&self) -> Option<&Dataset<Self::Example>>;
    /// The evaluation sets.
    fn eval_datasets(&self) -> Vec<(Option<&str>, &Dataset<Self::Example>)>;
    /// The tokenizer.
    fn tokenizer(&self) -> Option<&Tokenizer>;
    /// The collator.
    fn collator(&self) -> Box<dyn Collator>;
    /// The loss; `None` for the task's own.
    fn loss(&self) -> Option<Box<dyn Loss>>;
    /// The metrics.
    fn metrics(&self) -> Vec<Box<dyn Metric>>;
    /// The callbacks.
    fn callbacks(&self) -> Vec<Box<dyn Callback>>;
}
