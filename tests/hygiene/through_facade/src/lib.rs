//! The core through another crate only: nothing here is called `trainer_core`.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused_qualifications, unused_crate_dependencies, clippy::pedantic)]

use hygiene_facade::reexport::trainer_core as engine;

use engine::prelude::*;

/// What is said of a film.
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
#[label(crate = hygiene_facade::reexport::trainer_core)]
pub enum Verdict {
    /// It is liked.
    Positive,
    /// It is not.
    Negative,
}

/// A row.
#[derive(Example, Debug)]
#[example(crate = hygiene_facade::reexport::trainer_core)]
pub struct Review {
    /// What was written.
    pub text: String,
    /// What it says.
    pub label: Verdict,
}

/// What may vary.
#[derive(TrainingArgs, Debug)]
#[training_args(crate = hygiene_facade::reexport::trainer_core)]
pub struct Args {
    /// How many times.
    pub num_train_epochs: f64,
}

/// How many there are.
#[metric(crate = hygiene_facade::reexport::trainer_core)]
#[must_use]
pub fn items(losses: Losses<'_>) -> Option<f64> {
    u32::try_from(losses.iter().count()).ok().map(f64::from)
}

/// A loss by hand.
///
/// # Errors
/// Where the batch has no labels.
#[loss(crate = hygiene_facade::reexport::trainer_core)]
pub fn product(output: &Output, batch: &Batch) -> engine::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

/// A trainer; the path may be a name of this crate too.
#[trainer(crate = crate::engine, loss = product, metrics = [items, log_loss])]
pub struct ReviewTrainer {
    /// What is trained.
    pub model: BertForSequenceClassification<Verdict>,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: Dataset<Review>,
    /// What is evaluated on.
    pub eval_dataset: Dataset<Review>,
    /// What makes tokens.
    pub tokenizer: Tokenizer,
}

hygiene_facade::classes! {
    /// Classes that a macro of another crate writes: `$crate` is that crate.
    pub Topic { World, Sports }
}

hygiene_facade::trained!(Article, ArticleArgs, articles, article_loss, ArticleTrainer over Topic);
