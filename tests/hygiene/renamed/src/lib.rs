//! The core under another name: `kern = { package = "trainer-core", … }` and `crate = kern` in every macro.
#![deny(warnings, missing_docs, unused_qualifications, clippy::pedantic)]

use kern::prelude::*;

/// What is said of a film.
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
#[label(crate = kern)]
pub enum Verdict {
    /// It is liked.
    Positive,
    /// It is not.
    Negative,
}

/// A row.
#[derive(Example, Debug)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl", crate = kern)]
pub struct Review {
    /// What was written.
    pub text: String,
    /// What it says.
    pub label: Verdict,
}

/// What may vary.
#[derive(TrainingArgs, Debug)]
#[training_args(crate = kern, eval_strategy = "epoch", save_strategy = "epoch", report_to = ["tensorboard"])]
pub struct Args {
    /// How fast.
    #[arg(default = 2e-5, range = 1e-7..=1e-2)]
    pub learning_rate: f64,
    /// How wide.
    #[arg(own, default = "narrow", choices = ["narrow", "wide"])]
    pub width: String,
}

/// The share of likes among the truth.
#[metric(crate = kern)]
#[must_use]
pub fn liked(labels: Labels<'_, Verdict>) -> f64 {
    let likes = labels.iter().filter(|label| *label == Verdict::Positive).count();
    f64::from(u32::try_from(likes).unwrap_or(u32::MAX))
}

/// The usual loss, by hand.
///
/// # Errors
/// Where the batch has no labels.
#[loss(crate = kern)]
pub fn product(output: &Output, batch: &Batch) -> kern::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

/// A callback that does nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Callback for Silent {}

/// Everything of the core by name.
#[trainer(
    crate = kern,
    collator = Padding(pad_to_multiple_of = 8, max_length = 64),
    loss = weighted_ce([1.0, 2.0], label_smoothing = 0.1),
    metrics = [accuracy, f1(average = "macro"), liked],
    optimizer = adamw,
    callbacks = [Silent],
)]
pub struct ReviewTrainer {
    /// What is trained.
    pub model: BertForSequenceClassification<Verdict>,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: Dataset<Review>,
    /// What is evaluated on.
    pub eval_dataset: Option<Dataset<Review>>,
    /// What makes tokens.
    pub tokenizer: Tokenizer,
}

/// With a loss of one's own.
#[trainer(crate = kern, loss = product)]
pub struct OwnLoss {
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

/// The same from a macro of one's own, which is handed the items' parts.
macro_rules! of_classes {
    ($classes:ident { $($class:ident),* }, $row:ident, $label:ty, $columns:literal, $trained:ident, $weights:expr) => {
        /// Classes.
        #[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
        #[label(crate = kern, rename_all = "kebab-case")]
        pub enum $classes {
            $(
                /// A class.
                $class,
            )*
        }

        /// A row.
        #[derive(Example, Debug)]
        #[example(crate = kern)]
        pub struct $row {
            /// What was written.
            #[example(text, column = $columns)]
            pub written: String,
            /// What it says.
            #[example(label)]
            pub said: $label,
        }

        /// A trainer.
        #[trainer(crate = kern, loss = weighted_ce($weights))]
        pub struct $trained {
            /// What is trained.
            pub model: BertForSequenceClassification<$label>,
            /// What may vary.
            pub args: Args,
            /// What is trained on.
            pub train_dataset: Dataset<$row>,
            /// What is evaluated on.
            pub eval_dataset: Dataset<$row>,
            /// What makes tokens.
            pub tokenizer: Tokenizer,
        }
    };
}

of_classes!(Topic { World, Sports, Science }, Article, Topic, "body", ArticleTrainer, [1.0, 1.0, 2.0]);
