//! Rates app reviews: with a small BERT from scratch on the rows in `data/`, or with a pretrained model on your own.

use trainer_core::prelude::*;

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
    eval_strategy = "epoch",
    save_strategy = "epoch",
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "f1",
    warmup_ratio = 0.1,
    weight_decay = 0.01
)]
struct Args {
    /// Folder or hub name of a pretrained BERT; without it a small model is trained from scratch.
    #[arg(own)]
    model: Option<String>,
    /// Rows to train on, with the columns `text` and `rating`: JSONL, JSON, CSV or TSV.
    #[arg(own)]
    train_file: Option<String>,
    /// Rows to evaluate on.
    #[arg(own)]
    eval_file: Option<String>,
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; from scratch 1e-3 unless it is given.
    #[arg(default = 5e-5, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; from scratch 6 unless it is given.
    #[arg(default = 3.0)]
    num_train_epochs: f64,
    /// Rows in a batch; from scratch 8 unless it is given.
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
    /// Checkpoint to go on from: a folder, or `latest`.
    resume_from_checkpoint: Option<String>,
}

/// Share of reviews whose rating is at most one step off.
#[metric]
fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    let near = predictions.iter().zip(labels.iter()).filter(|(p, l)| p.index().abs_diff(l.index()) <= 1).count();
    near as f64 / labels.len() as f64
}

#[trainer(
    collator = Padding,
    loss = weighted_ce([2.0, 1.3, 0.6]),
    metrics = [accuracy, f1(average = "macro"), within_one],
)]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    // `cargo run -- schema` writes summaries to commit in the place of data that is not to be in the repository.
    if Dataset::<Review>::schema_command()? {
        return Ok(());
    }
    let mut args = Args::parse();
    let train_dataset: Dataset<Review> = match &args.train_file {
        Some(file) => Dataset::from_file(file)?,
        None => Dataset::train()?,
    };
    let eval_dataset = match &args.eval_file {
        Some(file) => Dataset::from_file(file)?,
        None => Dataset::eval()?,
    };
    let (model, tokenizer) = if let Some(model) = &args.model {
        (BertForSequenceClassification::from_pretrained(model)?, Tokenizer::from_pretrained(model)?)
    } else {
        // A small model from scratch learns with larger and more steps.
        if !Args::is_given("learning_rate") {
            args.learning_rate = 1e-3;
        }
        if !Args::is_given("num_train_epochs") {
            args.num_train_epochs = 6.0;
        }
        if !Args::is_given("per_device_train_batch_size") {
            args.per_device_train_batch_size = 8;
        }
        from_scratch(&train_dataset)?
    };
    println!("{args}\n");

    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = ReviewTrainer { model, args, train_dataset, eval_dataset, tokenizer };
    println!("{}\n", trainer.plan()?);
    println!("{}\n", trainer.tokenizer.explain("Worth every penny!")?);

    let output = trainer.train()?;
    if let Some(checkpoint) = output.paused {
        println!("stopped; go on with --resume-from-checkpoint {}", checkpoint.display());
        return Ok(());
    }
    let metrics = trainer.evaluate()?;
    println!("\n{metrics}\n");
    if let (Some(report), Some(confusion)) = (metrics.report(), metrics.confusion_matrix()) {
        println!("{report}\n\n{confusion}\n");
    }
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    for text in
        ["worth every penny, my whole family uses it", "does the job, nothing special", "crashes every time i open it"]
    {
        let prediction = trainer.predict_one(text)?;
        println!("{:8} {:3.0} %  {text}", prediction.label.to_string(), 100.0 * prediction.score);
    }
    Ok(())
}

/// A small BERT with fresh parameters, and a tokenizer trained on the texts.
fn from_scratch(reviews: &Dataset<Review>) -> trainer_core::Result<(BertForSequenceClassification<Rating>, Tokenizer)> {
    let texts: Vec<&str> = reviews.iter().map(|review| review.text.as_str()).collect();
    let settings = WordPieceSettings { vocab_size: 3000, max_length: 128, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let model = BertForSequenceClassification::from_config(BertConfig {
        hidden_size: 96,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 384,
        max_position_embeddings: 128,
        initializer_range: 0.05,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    })?;
    Ok((model, tokenizer))
}
