//! Fields, classes and items that are there only under a condition, and documentation that is.

use ::core::clone::Clone;
use ::core::cmp::PartialEq;
use ::core::fmt::Debug;
use ::core::marker::Copy;
use ::core::option::Option;
use ::std::string::String;
use ::trainer_core::prelude::*;

/// Classes.
#[derive(Clone, Copy, Debug, PartialEq, ClassLabel)]
#[cfg_attr(all(), label(rename_all = "UPPERCASE"))]
#[non_exhaustive]
pub enum Rating {
    /// A class.
    Negative,
    /// Another.
    #[cfg_attr(all(), label(name = "good"))]
    Positive,
    /// It is not there.
    #[cfg(any())]
    Unheard(u8),
}

/// A row.
#[cfg_attr(all(), derive(Debug, Example))]
#[non_exhaustive]
pub struct Review {
    /// What was written.
    #[cfg_attr(all(), example(text))]
    pub written: String,
    #[doc = concat!("What it ", "says.")]
    pub label: Rating,
    /// It is not there.
    #[cfg(any())]
    pub input_ids: Unheard,
}

/// What may vary.
#[derive(Debug, TrainingArgs)]
#[cfg_attr(all(), training_args(seed = 3))]
#[non_exhaustive]
pub struct Args {
    #[doc = concat!("How ", "fast.")]
    #[cfg_attr(all(), arg(default = 1e-4))]
    pub learning_rate: f64,
    /// It is not there.
    #[cfg(any())]
    pub unheard: Unheard,
}

/// It is not there.
#[cfg(any())]
#[metric]
pub fn unheard(labels: Unheard) -> Unheard {}

/// It is there.
#[metric]
#[cfg(not(target_os = "none"))]
#[must_use]
#[inline]
pub fn share(labels: Labels<'_, Rating>) -> Option<f64> {
    labels.get(0).map(|_| 1.0_f64)
}

/// It is not there.
#[loss]
#[cfg(any())]
pub fn unheard_of(output: Unheard) -> Unheard {}

/// It is there.
#[cfg_attr(all(), trainer(metrics = [share]))]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct Trained {
    /// What is trained.
    pub model: BertForSequenceClassification<Rating>,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: Dataset<Review>,
    /// What is evaluated on.
    #[cfg_attr(any(), doc = "or not")]
    pub eval_dataset: Dataset<Review>,
    /// What makes tokens.
    pub tokenizer: Tokenizer,
    /// One's own, and not there.
    #[cfg(any())]
    pub unheard: Unheard,
}

/// It is not there.
#[trainer(metrics = [unheard])]
#[cfg(any())]
pub struct Unheard {
    pub model: Unheard,
}
