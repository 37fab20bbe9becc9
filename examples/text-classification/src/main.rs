//! Classifies app reviews: a small BERT from scratch on the rows beside this file, or a pretrained one on your own.

use trainer_core::prelude::*;
use trainer_core::text::WordPieceSettings;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example, Clone)]
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
    save_total_limit = 1,
    load_best_model_at_end = true,
    metric_for_best_model = "f1",
    warmup_ratio = 0.1
)]
struct Args {
    #[arg(own)]
    model: Option<String>,
    #[arg(own)]
    train_file: Option<String>,
    #[arg(own)]
    eval_file: Option<String>,
    #[arg(default = "results")]
    output_dir: String,
    #[arg(default = 1e-3)]
    learning_rate: f64,
    #[arg(default = 10.0)]
    num_train_epochs: f64,
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    #[arg(default = 0.01)]
    weight_decay: f64,
    #[arg(default = 3)]
    seed: u64,
    #[arg(own, default = 128)]
    hidden: usize,
    #[arg(own, default = 2)]
    layers: usize,
    #[arg(own, default = 3000)]
    vocab: usize,
    #[arg(own, default = 0.1)]
    dropout: f64,
}

#[trainer(
    collator = Padding,
    loss = weighted_ce([2.0, 1.3, 0.6]),
    metrics = [accuracy, f1(average = "macro")],
)]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let train_dataset: Dataset<Review> = match &args.train_file {
        Some(f) => Dataset::from_file(f)?,
        None => Dataset::train()?,
    };
    let eval_dataset: Dataset<Review> = match &args.eval_file {
        Some(f) => Dataset::from_file(f)?,
        None => Dataset::eval()?,
    };
    let (model, tokenizer) = match &args.model {
        Some(m) => (BertForSequenceClassification::from_pretrained(m)?, Tokenizer::from_pretrained(m)?),
        None => {
            let texts: Vec<&str> = train_dataset.iter().map(|r| r.text.as_str()).collect();
            let tokenizer = Tokenizer::train_wordpiece(
                &texts,
                &WordPieceSettings { vocab_size: args.vocab, ..Default::default() },
            )?;
            let config = BertConfig {
                vocab_size: tokenizer.vocabulary_size(),
                hidden_size: args.hidden,
                num_hidden_layers: args.layers,
                num_attention_heads: 4,
                intermediate_size: args.hidden * 4,
                max_position_embeddings: 128,
                hidden_dropout_prob: args.dropout,
                attention_probs_dropout_prob: args.dropout,
                ..BertConfig::default()
            };
            (BertForSequenceClassification::from_config(config)?, tokenizer)
        }
    };
    let mut trainer = ReviewTrainer { model, tokenizer, args, train_dataset, eval_dataset };
    println!("{}", trainer.plan()?);
    trainer.train()?;
    println!("{}", trainer.evaluate()?);
    Ok(())
}
