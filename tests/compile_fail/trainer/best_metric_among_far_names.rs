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

#[metric]
fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    (predictions.len() + labels.len()) as f64
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", metric_for_best_model = "eval_temperature")]
struct Args {}

#[trainer(metrics = [within_one, f1(average = "macro", name = "f1_macro")])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
