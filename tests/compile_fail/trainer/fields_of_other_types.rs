use trainer_core::prelude::*; // row 13: 4 errors

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

struct Other;

#[trainer]
struct ReviewTrainer {
    model: Other,
    args: Other,
    train_dataset: Vec<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: String,
}

fn main() {}
