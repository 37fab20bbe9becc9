use trainer_core::prelude::*; // rows 14, 16, 18: 4 errors

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
#[training_args(
    eval_strategy = "epoch",
    max_steps = 10,
    warmup_steps = 100,
    save_steps = 50,
    weight_decay = -1.0
)]
struct Args {}

#[trainer]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
