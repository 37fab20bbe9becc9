use trainer_core::prelude::*; // row 13: 2 errors

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

#[trainer]
struct ReviewTrainer {
    modle: BertForSequenceClassification<Rating>,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn run(trainer: &mut ReviewTrainer) {
    trainer.train().unwrap();
    trainer.evaluate().unwrap();
}

fn main() {}
