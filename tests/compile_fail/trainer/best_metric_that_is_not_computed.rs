use trainer_core::prelude::*; // row 14: 1 error

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
#[training_args(eval_strategy = "epoch", save_strategy = "epoch", load_best_model_at_end = true, metric_for_best_model = "f2")]
struct Args {}

#[trainer(metrics = [accuracy, f1(average = "macro")])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
