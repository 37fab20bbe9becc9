use trainer_core::prelude::*; // rows 1, 2: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(colator = Padding, loss = weighted_ce([1.0, "2", 3.0]), metrics = [accuracy, f1(avg = "macro")])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let mut trainer = ReviewTrainer {
        model: BertForSequenceClassification::from_pretrained("model")?,
        args: Args::parse(),
        train_dataset: Dataset::train()?,
        eval_dataset: Dataset::eval()?,
        tokenizer: Tokenizer::from_pretrained("model")?,
    };
    trainer.train()?;
    println!("{}", trainer.evaluate()?);
    Ok(())
}
