//! Finds the topics of support tickets, of which each has one or several: with a small BERT from scratch.

use trainer_core::metrics::{Average, Ratio};
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Billing,
    Delivery,
    Account,
    Defect,
    Return,
    Advice,
}

/// A list of labels makes the task: each topic is there or not, whatever the others are.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Ticket {
    #[example(text)]
    text: String,
    #[example(labels)]
    topics: Vec<Topic>,
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
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 5e-5 is usual for a pretrained model.
    #[arg(default = 1e-3, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; 3 is usual for a pretrained model.
    #[arg(default = 10.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 8)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(
    collator = Padding,
    loss = bce,
    metrics = [f1(average = "micro"), f1(average = "macro", name = "f1_macro"), accuracy],
)]
struct TicketTrainer {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<Ticket>,
    eval_dataset: Dataset<Ticket>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let (model, tokenizer) = from_scratch(&train_dataset)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = TicketTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    let metrics = trainer.evaluate()?;
    println!("\nafter training\n{metrics}\n");
    if let Some(report) = metrics.report() {
        println!("{report}\n");
    }
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    // One half is the usual threshold; the best one on these rows is better there than it would be on others.
    let best =
        trainer.predict(&trainer.eval_dataset)?.best_threshold(&trainer.eval_dataset, Ratio::F1, Average::Micro)?;
    println!("a topic is there above {:.2}: f1 {:.3} on the evaluation rows\n", best.threshold, best.score);

    let predictor = trainer.predictor()?;
    for text in [
        "The heater is broken and I want my money back.",
        "Please send the invoice to my new address, and why can I not log in?",
        "Would this fan suit a small bedroom?",
    ] {
        let topics: Vec<Topic> = predictor.predict_one(text)?.with_threshold(best.threshold).labels;
        let names: Vec<String> = topics.iter().map(Topic::to_string).collect();
        println!("{:18} {text}", names.join(", "));
    }
    Ok(())
}

/// A small BERT with fresh parameters, and a tokenizer trained on the texts.
fn from_scratch(tickets: &Dataset<Ticket>) -> trainer_core::Result<(BertForSequenceClassification<Topic>, Tokenizer)> {
    let texts: Vec<&str> = tickets.iter().map(|ticket| ticket.text.as_str()).collect();
    let settings = WordPieceSettings { vocab_size: 2000, max_length: 128, ..WordPieceSettings::default() };
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
