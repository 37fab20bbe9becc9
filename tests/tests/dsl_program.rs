//! The program of the manual's first page, as it stands there.

use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Review {
    #[example(text)]
    text: String,
    #[example(label)]
    rating: Rating,
}

#[derive(TrainingArgs)]
#[training_args(
    output_dir = "results",
    eval_strategy = "epoch",
    save_strategy = "epoch",
    load_best_model_at_end = true,
    metric_for_best_model = "f1",
    seed = 3
)]
struct Args {
    #[arg(default = 5e-5, range = 1e-7..=1e-2)]
    learning_rate: f64,
    #[arg(default = 3.0)]
    num_train_epochs: f64,
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
}

/// Share of reviews whose rating is at most one step off.
#[metric]
fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    let near = predictions.iter().zip(labels.iter()).filter(|(p, l)| p.index().abs_diff(l.index()) <= 1).count();
    near as f64 / labels.len() as f64
}

#[trainer(
    collator = Padding,
    loss = weighted_ce([1.0, 2.0, 3.0]),
    metrics = [accuracy, f1(average = "macro"), within_one],
)]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn program() -> trainer_core::Result<()> {
    let mut trainer = ReviewTrainer {
        model: BertForSequenceClassification::from_pretrained("sentence-transformers/all-MiniLM-L6-v2")?,
        tokenizer: Tokenizer::from_pretrained("sentence-transformers/all-MiniLM-L6-v2")?,
        args: Args::parse(),
        train_dataset: Dataset::train()?,
        eval_dataset: Dataset::eval()?,
    };
    trainer.train()?;
    let metrics = trainer.evaluate()?;
    let _ = (metrics["f1"], metrics["within_one"], metrics["loss"]);
    trainer.save_model("results/final")?;
    let rating: Rating = trainer.predict_one("worth every penny")?.label;
    let _ = rating;
    Ok(())
}

#[test]
fn the_program_is_a_trainer_of_its_parts() {
    // It needs a model that is not in the repository, so it is compiled, but not run.
    fn compiles(_: fn() -> trainer_core::Result<()>) {}
    compiles(program);
    assert_eq!(<ReviewTrainer as TrainerParts>::NAME, "ReviewTrainer");
    assert_eq!(<ReviewTrainer as TrainerParts>::Example::NAME, "Review");
}
