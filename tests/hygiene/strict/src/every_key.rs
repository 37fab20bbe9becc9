//! Every macro with every key, without a prelude.

use ::core::option::Option;
use ::std::collections::{BTreeMap, BTreeSet};
use ::std::string::String;
use ::std::vec::Vec;

/// Classes, each way of naming them.
#[derive(::trainer_core::ClassLabel, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[label(rename_all = "UPPERCASE", crate = ::trainer_core)]
#[non_exhaustive]
pub enum Rating {
    /// The least.
    Bad,
    /// The most.
    Good,
    /// Between them.
    #[label(name = "neither")]
    Neither = 2,
}

use ::core::clone::Clone;
use ::core::cmp::{Eq, Ord, PartialEq, PartialOrd};
use ::core::fmt::Debug;
use ::core::marker::Copy;

/// Texts with a class.
#[derive(::trainer_core::Example, Debug)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl", test = "data/test.jsonl", crate = ::trainer_core)]
#[non_exhaustive]
pub struct Review {
    /// What was written.
    #[example(text, column = "text")]
    pub written: String,
    /// What stands above it.
    #[example(text_pair, column = "title")]
    pub heading: Option<String>,
    /// What it says.
    #[example(label)]
    pub label: Rating,
    /// How many stars it gave.
    #[example(extra)]
    pub stars: Option<u32>,
    /// Whether somebody looked.
    #[example(skip)]
    pub seen: bool,
}

/// Tokens with several classes.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Encoded {
    /// Token ids.
    #[example(input_ids)]
    pub input_ids: Vec<u32>,
    /// Which are there.
    #[example(attention_mask)]
    pub attention_mask: Vec<u32>,
    /// Which text they are of.
    #[example(token_type_ids)]
    pub token_type_ids: Option<Vec<u32>>,
    /// What it says.
    #[example(labels)]
    pub labels: BTreeSet<Rating>,
}

/// Numbers with a number.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Measured {
    /// What was measured.
    #[example(features)]
    pub features: [f32; 4],
    /// What it comes to.
    pub label: f32,
}

/// Arguments, each key of a field.
#[derive(::trainer_core::TrainingArgs, Debug)]
#[training_args(
    crate = ::trainer_core,
    output_dir = "results",
    eval_strategy = "steps",
    eval_steps = 50,
    save_strategy = "steps",
    save_steps = 100,
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "share",
    greater_is_better = true,
    early_stopping_patience = 3,
    early_stopping_threshold = 0.001,
    lr_scheduler_type = "cosine_with_min_lr",
    num_cycles = 0.5,
    min_lr = 1e-6,
    warmup_steps = 10,
    weight_decay = 0.01,
    adam_beta1 = 0.9,
    adam_beta2 = 0.999,
    adam_epsilon = 1e-8,
    max_grad_norm = 1.0,
    label_smoothing_factor = 0.1,
    neftune_noise_alpha = 5.0,
    gradient_accumulation_steps = 2,
    per_device_eval_batch_size = 4,
    max_steps = -1,
    logging_strategy = "steps",
    logging_steps = 0.1,
    logging_first_step = true,
    logging_dir = "logs",
    run_name = "strict",
    report_to = ["tensorboard"],
    do_train = true,
    do_eval = true,
    eval_delay = 0,
    eval_on_start = false,
    group_by_length = true,
    dataloader_drop_last = true,
    seed = 3,
    data_seed = 4,
    num_threads = 2,
    max_tokens_per_chunk = 2048,
    gradient_checkpointing = true,
    device = "cpu",
    optim = "adamw"
)]
#[non_exhaustive]
pub struct Args {
    /// How fast.
    #[arg(default = 2e-5, range = 1e-7..=1e-2, env = "STRICT_LEARNING_RATE", help = "how fast")]
    pub learning_rate: f64,
    /// How many times.
    #[arg(default = EPOCHS)]
    pub num_train_epochs: f64,
    /// How many at once.
    #[arg(default = 16, range = 1..)]
    pub per_device_train_batch_size: usize,
    /// How long.
    pub max_length: Option<usize>,
    /// How wide.
    #[arg(own, default = "narrow", choices = ["narrow", "wide"])]
    pub width: String,
    /// How deep.
    #[arg(own)]
    pub depth: u8,
    /// Where to go on.
    pub resume_from_checkpoint: Option<::trainer_core::args::ResumeFrom>,
}

/// How many times, if nothing else is said.
pub const EPOCHS: f64 = 3.0;

/// What every argument of a metric can be.
#[::trainer_core::metric(name = "share", greater_is_better = true, crate = ::trainer_core)]
#[must_use]
#[inline]
pub fn everything(
    predictions: ::trainer_core::metrics::Predictions<'_, Rating>,
    labels: ::trainer_core::metrics::Labels<'_, Rating>,
    probabilities: ::trainer_core::metrics::Probabilities<'_, Rating>,
    scores: ::trainer_core::metrics::Scores<'_, Rating>,
    logits: ::trainer_core::metrics::Logits<'_>,
    losses: ::trainer_core::metrics::Losses<'_>,
) -> Option<f64> {
    let lengths = [predictions.len(), labels.len(), probabilities.len(), scores.len(), logits.len(), losses.len()];
    lengths.iter().min().copied().and_then(|items| u32::try_from(items).ok()).map(f64::from)
}

use ::core::convert::{From, TryFrom};
use ::core::iter::Iterator;

/// Two values at once.
#[::trainer_core::metric(greater_is_better = false)]
#[must_use]
#[inline]
pub const fn two(_losses: ::trainer_core::metrics::Losses<'_>) -> [(&'static str, f64); 2] {
    [("first", 1.0_f64), ("second", 2.0_f64)]
}

/// A loss of one's own.
///
/// # Errors
/// Where the batch has no labels.
#[::trainer_core::loss(crate = ::trainer_core)]
#[inline]
pub fn product(
    output: &::trainer_core::model::Output,
    batch: &::trainer_core::collate::Batch,
) -> ::trainer_core::Result<::trainer_core::loss::LossSum> {
    batch.labels().and_then(|labels| ::trainer_core::loss::LossSum::weighted(&output.logits, labels))
}

/// A callback that does nothing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Silent;

impl ::trainer_core::train::Callback for Silent {}

/// As many weights as classes.
pub const WEIGHTS: [f32; 3] = [1.0, 2.0, 3.0];

/// Every metric on one class for each text, with padding and weights.
#[::trainer_core::trainer(
    crate = ::trainer_core,
    collator = Padding(pad_to_multiple_of = 8, max_length = 64),
    loss = weighted_ce(WEIGHTS, label_smoothing = 0.1, ignore_index = 0),
    metrics = [
        accuracy, balanced_accuracy, precision(average = "macro"), recall(average = "micro", zero_division = "one"),
        f1(average = "weighted", absent_classes = "counted", name = "f1_weighted"), fbeta(2.0, average = "none"),
        roc_auc(average = "macro", multi_class = "ovr"), mcc, cohen_kappa(weights = "quadratic"), log_loss,
        brier(scale = "half"), top_k(2), confusion_matrix, everything, two
    ],
    optimizer = adamw,
    callbacks = [Silent],
)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfTexts {
    /// What is trained.
    pub model: ::trainer_core::model::BertForSequenceClassification<Rating>,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Review>,
    /// What is evaluated on.
    pub eval_dataset: BTreeMap<String, ::trainer_core::data::Dataset<Review>>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
    /// What is one's own.
    pub notes: Vec<String>,
}

/// Several classes for each row of tokens.
#[::trainer_core::trainer(
    collator = Padding(pad_id = 0, fixed_length = 32),
    loss = bce,
    metrics = [f1(average = "samples"), average_precision(average = "macro")],
)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfTokens {
    /// What is trained.
    pub model: ::trainer_core::model::BertForSequenceClassification<Rating>,
    /// What may vary.
    pub args: OfTokensArgs,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Encoded>,
    /// What is evaluated on.
    pub eval_dataset: Option<::trainer_core::data::Dataset<Encoded>>,
}

/// Nothing may vary.
#[derive(::trainer_core::TrainingArgs, Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OfTokensArgs {}

/// The sum of the measurements, as it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sum {
    /// Nothing that is trained.
    pub parameters: ::trainer_core::tensor::params::Parameters,
}

impl ::trainer_core::model::Model for Sum {
    const HEAD: ::trainer_core::model::Head = ::trainer_core::model::Head::Values(1);

    #[inline]
    fn forward(
        &self,
        batch: &::trainer_core::collate::Batch,
        _mode: ::trainer_core::tensor::random::Mode,
    ) -> ::trainer_core::Result<::trainer_core::model::Output> {
        batch.labels().map(|labels| ::trainer_core::model::Output { logits: Clone::clone(labels) })
    }

    #[inline]
    fn parameters(&self) -> &::trainer_core::tensor::params::Parameters {
        &self.parameters
    }
}

/// Numbers.
#[::trainer_core::trainer(collator = Default, loss = mse, metrics = [mse, mae, r2, pearson, spearman])]
#[derive(Debug)]
#[non_exhaustive]
pub struct OfNumbers {
    /// What is trained.
    pub model: Sum,
    /// What may vary.
    pub args: OfTokensArgs,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Measured>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Measured>,
}

/// A loss of one's own, and a collator that is a value.
#[::trainer_core::trainer(collator = ::trainer_core::collate::DefaultCollator, loss = product)]
#[derive(Debug)]
#[non_exhaustive]
pub struct OfOnesOwn {
    /// What is trained.
    pub model: Sum,
    /// What may vary.
    pub args: OfTokensArgs,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Measured>,
}
