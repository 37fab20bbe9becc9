//! Tells what is wanted of a voice assistant, from commands that were tokenised before: rows of `input_ids`, `attention_mask` and
//! `labels`, as a data set mapped through a tokenizer in Python has them.

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Lights,
    Music,
    Timer,
    Weather,
    Shopping,
}

/// The columns of the tutorial; a class in the file is its name or its number.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Command {
    input_ids: Vec<u32>,
    attention_mask: Vec<u32>,
    #[example(label)]
    labels: Intent,
}

#[derive(TrainingArgs)]
#[training_args(
    eval_strategy = "epoch",
    save_strategy = "epoch",
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "accuracy",
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
    #[arg(default = 5.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 8)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = Padding, metrics = [accuracy, f1(average = "macro")])]
struct CommandTrainer {
    model: BertForSequenceClassification<Intent>,
    args: Args,
    train_dataset: Dataset<Command>,
    eval_dataset: Dataset<Command>,
    /// Knows the id that rows are padded with, and is saved with the model; rows do not go through it.
    tokenizer: Tokenizer,
}

/// The tokenizer that the rows were made with.
const TOKENIZER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tokenizer");

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let tokenizer = Tokenizer::from_dir(TOKENIZER)?;
    let model = BertForSequenceClassification::from_config(BertConfig {
        hidden_size: 64,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 256,
        max_position_embeddings: 32,
        initializer_range: 0.05,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    })?;
    let final_folder = format!("{}/final", args.output_dir);
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let mut trainer = CommandTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    // Rows are predicted as they are, or texts through the tokenizer.
    let predicted = trainer.predict(&trainer.eval_dataset)?.predictions;
    for (command, prediction) in trainer.eval_dataset.iter().zip(predicted).take(5) {
        let text = trainer.tokenizer.decode_without_special_tokens(&command.input_ids)?;
        println!("{:9} {:3.0} %  {text}", prediction.label.to_string(), 100.0 * prediction.score);
    }
    let prediction = trainer.predict_one("Is there any coffee left?")?;
    println!("{:9} {:3.0} %  Is there any coffee left?", prediction.label.to_string(), 100.0 * prediction.score);
    Ok(())
}
