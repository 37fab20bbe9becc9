//! Translates simple German sentences into English: with a small T5 from scratch.

use trainer_core::prelude::*;

/// One text for another.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Translation {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(
    eval_strategy = "no",
    save_strategy = "no",
    warmup_ratio = 0.1,
    weight_decay = 0.01,
    generation_max_length = 40
)]
struct Args {
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 3e-4 is usual for a pretrained T5.
    #[arg(default = 3e-3, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; 3 is usual for a pretrained model.
    #[arg(default = 12.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = Seq2Seq, metrics = [bleu, exact_match])]
struct Translator {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Translation>,
    eval_dataset: Dataset<Translation>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let (model, tokenizer) = from_scratch(&train_dataset)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = Translator { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    for text in [
        "Gestern hat der Arzt den Schlüssel gesucht.",
        "Muss deine Schwester am Sonntag die Zeitung lesen?",
        "Wir trinken den Kaffee nicht.",
    ] {
        println!("{text}  ->  {}", trainer.predict_one(text)?.text);
    }
    Ok(())
}

/// A small T5 with fresh parameters, and a tokenizer for both languages trained on the texts.
fn from_scratch(pairs: &Dataset<Translation>) -> trainer_core::Result<(T5ForConditionalGeneration, Tokenizer)> {
    let texts: Vec<&str> = pairs.iter().flat_map(|pair| [pair.source.as_str(), pair.target.as_str()]).collect();
    // Each text ends with the end token: without it the model would not learn to stop.
    let settings = ByteLevelBpeSettings { vocab_size: 800, add_eos_token: true, max_length: 64, ..Default::default() };
    let tokenizer = Tokenizer::train_byte_level_bpe(&texts, &settings)?;
    let model = T5ForConditionalGeneration::from_config(T5Config {
        d_model: 96,
        d_kv: 24,
        d_ff: 384,
        num_layers: 2,
        num_heads: 4,
        ..T5Config::default().with_tokenizer(&tokenizer)
    })?;
    Ok((model, tokenizer))
}
