//! A program under `cfg(rust_analyzer)`: what the macros hold out to editors is code that compiles.
//!
//! Every attribute is here, with keys of every kind: texts, numbers, names of the core, paths, lists, calls, and keys that
//! stand alone. That the structs have all keys is a test of `trainer-macros`, which writes them.
#![allow(dead_code, reason = "the items are there to be compiled")]

use std::collections::BTreeSet;

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[label(rename_all = "kebab-case", crate = trainer_core)]
enum Rating {
    #[label(name = "bad")]
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(eval = "data/eval.jsonl", check = "off", crate = trainer_core)]
struct Review {
    #[example(text, column = "review")]
    body: String,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    votes: u32,
    #[example(skip)]
    seen: bool,
}

#[derive(Example)]
struct Tagged {
    #[example(input_ids)]
    ids: Vec<u32>,
    #[example(labels, column = "tags")]
    found: BTreeSet<Rating>,
}

const RATE: f64 = 2e-5;

#[derive(TrainingArgs)]
#[training_args(
    output_dir = "results",
    evaluation_strategy = "epoch",
    save_strategy = "epoch",
    report_to = ["jsonl"],
    learning_rate = RATE,
    load_best_model_at_end = true,
    metric_for_best_model = "f1"
)]
struct Args {
    #[arg(default = 3.0, range = 0.1..=100.0, help = "passes over the data", env = "EPOCHS")]
    num_train_epochs: f64,
    #[arg(own, default = "warm", choices = ["warm", "cold"])]
    start: String,
}

/// The share of rows.
#[metric(name = "share", greater_is_better = false)]
fn share_of_rows(labels: Labels<'_, Rating>) -> f64 {
    labels.len() as f64
}

/// Nothing.
#[loss(crate = trainer_core)]
fn zero(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

struct Quiet;

impl Callback for Quiet {}

struct Counting(u32);

impl From<u32> for Counting {
    fn from(start: u32) -> Self {
        Self(start)
    }
}

impl Callback for Counting {}

const WEIGHTS: [f32; 3] = [1.0, 2.0, 3.0];

#[trainer(
    collator = Padding(pad_to_multiple_of = 8, max_length = 128, pad_id = 0),
    loss = weighted_ce(WEIGHTS, label_smoothing = 0.1, ignore_index = 0),
    metrics = [
        accuracy,
        f1(average = "macro", zero_division = 0),
        fbeta(2.0, average = "micro"),
        top_k(k = 2),
        cohen_kappa(weights = "linear"),
        self::share_of_rows,
    ],
    optimizer = adamw,
    callbacks = [Quiet, Counting::from(2)],
)]
struct Weighted {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(collator = DefaultCollator, loss = zero, metrics = [share_of_rows, f1(average = "macro")])]
struct OwnLoss {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

// Without it the macros hold nothing out, and this package would show nothing.
const _: () = assert!(cfg!(rust_analyzer));
