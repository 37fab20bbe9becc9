//! Learns who makes what, where and with what, by finding words that are masked: with a small BERT from scratch.

use trainer_core::prelude::*;

/// A text and no label: the collator hides some of its words, and these are the labels.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Sentence {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(
    eval_strategy = "epoch",
    save_strategy = "epoch",
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "loss",
    warmup_ratio = 0.1,
    weight_decay = 0.01
)]
struct Args {
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 5e-5 is usual for a pretrained model.
    #[arg(default = 3e-3, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; 3 is usual for a pretrained model.
    #[arg(default = 60.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = MaskedLm(probability = 0.2), metrics = [perplexity])]
struct SentenceTrainer {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Sentence>,
    eval_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let (model, tokenizer) = from_scratch(&train_dataset)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = SentenceTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    let predictor = trainer.predictor()?;
    for text in [
        "The [MASK] kneads the dough in the bakery.",
        "In winter the blacksmith works in the [MASK] with the anvil.",
        "Whoever wants honey asks the [MASK].",
        "The potter needs [MASK] for the bowls.",
    ] {
        println!("{text}");
        for filled in predictor.fill_mask(text, 3)?.iter().flatten() {
            println!("  {:3.0} %  {}", 100.0 * filled.score, filled.token);
        }
    }
    Ok(())
}

/// A small BERT with fresh parameters, and a tokenizer trained on the texts.
fn from_scratch(sentences: &Dataset<Sentence>) -> trainer_core::Result<(BertForMaskedLM, Tokenizer)> {
    let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    let settings = WordPieceSettings { vocab_size: 1000, max_length: 48, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let model = BertForMaskedLM::from_config(BertConfig {
        hidden_size: 96,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 384,
        max_position_embeddings: 48,
        initializer_range: 0.05,
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    })?;
    Ok((model, tokenizer))
}
