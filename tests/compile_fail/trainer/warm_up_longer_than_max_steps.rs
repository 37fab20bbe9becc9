use trainer_core::prelude::*; // row 18: 2 errors

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
#[training_args(max_steps = 94, warmup_steps = 1000)]
struct Count {}

#[trainer]
struct WithACount {
    model: BertForSequenceClassification<Rating>,
    args: Count,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[derive(TrainingArgs)]
#[training_args(max_steps = 94)]
struct Share {
    #[arg(default = 1.0)]
    warmup_ratio: f64,
}

#[trainer]
struct WithAShare {
    model: BertForSequenceClassification<Rating>,
    args: Share,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
