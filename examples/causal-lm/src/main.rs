//! Learns to write recipes, word by word: with a small Llama from scratch.

use trainer_core::prelude::*;

/// A text and no label: what has to be found at each place is the next token.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Recipe {
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
    weight_decay = 0.1,
    lr_scheduler_type = "cosine"
)]
struct Args {
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 5e-5 is usual for a pretrained model.
    #[arg(default = 2e-3, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; 3 is usual for a pretrained model.
    #[arg(default = 6.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 8)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = CausalLm, metrics = [perplexity])]
struct RecipeTrainer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Recipe>,
    eval_dataset: Dataset<Recipe>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let (model, tokenizer) = from_scratch(&train_dataset)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = RecipeTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    let predictor = trainer.predictor()?;
    let greedy = GenerationConfig { max_new_tokens: 80, ..GenerationConfig::default() };
    let drawn = GenerationConfig { do_sample: true, temperature: 0.8, top_p: 0.9, ..greedy.clone() };
    for (text, config) in [("Peel three carrots", &greedy), ("Peel three carrots", &drawn), ("Beat four eggs", &drawn)]
    {
        println!("{text} ...{}\n", predictor.write(text, config)?);
    }
    Ok(())
}

/// A small Llama with fresh parameters, and a tokenizer trained on the texts.
fn from_scratch(recipes: &Dataset<Recipe>) -> trainer_core::Result<(LlamaForCausalLM, Tokenizer)> {
    let texts: Vec<&str> = recipes.iter().map(|recipe| recipe.text.as_str()).collect();
    // Each recipe ends with the end token, so that the model learns to stop.
    let settings = ByteLevelBpeSettings { vocab_size: 800, add_eos_token: true, max_length: 160, ..Default::default() };
    let tokenizer = Tokenizer::train_byte_level_bpe(&texts, &settings)?;
    let model = LlamaForCausalLM::from_config(LlamaConfig {
        hidden_size: 96,
        intermediate_size: 256,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        max_position_embeddings: 160,
        tie_word_embeddings: true,
        initializer_range: 0.05,
        ..LlamaConfig::default().with_tokenizer(&tokenizer)
    })?;
    Ok((model, tokenizer))
}
