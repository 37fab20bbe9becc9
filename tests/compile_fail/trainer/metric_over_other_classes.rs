use trainer_core::prelude::*; // row 12: 1 error

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

#[metric]
fn share(labels: Labels<'_, Topic>) -> f64 {
    labels.len() as f64
}

#[trainer(metrics = [accuracy, share])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
