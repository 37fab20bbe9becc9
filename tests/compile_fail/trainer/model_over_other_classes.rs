use trainer_core::prelude::*; // row 13: 1 error

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

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Topic {
    World,
    Sports,
}

#[trainer]
struct ReviewTrainer {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
