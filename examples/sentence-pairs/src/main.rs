//! Says by how much a mood has changed between two entries of a diary, one of the morning and one of the evening: with a small
//! BERT from scratch.

use trainer_core::prelude::*;

/// Two texts are one input of the model, with a separator between them. A number as label makes the task a regression; an enum
/// with `ClassLabel` would make it a classification.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Day {
    #[example(text)]
    morning: String,
    #[example(text_pair)]
    evening: String,
    /// From -4, from very good to bad, to 4.
    #[example(label)]
    change: f32,
}

#[derive(TrainingArgs)]
#[training_args(
    eval_strategy = "epoch",
    save_strategy = "epoch",
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "spearman",
    warmup_ratio = 0.1,
    weight_decay = 0.01
)]
struct Args {
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 5e-5 is usual for a pretrained model.
    #[arg(default = 1e-3, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; 3 is usual for a pretrained model.
    #[arg(default = 8.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = Padding, loss = mse, metrics = [spearman, pearson, mae])]
struct DiaryTrainer {
    model: BertForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Day>,
    eval_dataset: Dataset<Day>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let (model, tokenizer) = from_scratch(&train_dataset)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = DiaryTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    // A data set of such rows is predicted at once: `trainer.predict(&days)?`.
    let predictor = trainer.predictor()?;
    for (morning, evening) in [
        ("I slept well and the sun is out.", "A terrible quarrel with Marta. I cried."),
        ("My head aches, too little sleep.", "They said yes! I could sing all night."),
        ("Up at six. Porridge, as always.", "Home at eight. An ordinary day."),
    ] {
        println!("{:+.1}  {morning}  ->  {evening}", predictor.predict_pair(morning, evening)?.values[0]);
    }
    Ok(())
}

/// A small BERT with fresh parameters, and a tokenizer trained on the texts.
fn from_scratch(days: &Dataset<Day>) -> trainer_core::Result<(BertForSequenceClassification<f32>, Tokenizer)> {
    let texts: Vec<&str> = days.iter().flat_map(|day| [day.morning.as_str(), day.evening.as_str()]).collect();
    let settings = WordPieceSettings { vocab_size: 1500, max_length: 64, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let model = BertForSequenceClassification::from_config(BertConfig {
        hidden_size: 96,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 384,
        max_position_embeddings: 64,
        initializer_range: 0.05,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    })?;
    Ok((model, tokenizer))
}
