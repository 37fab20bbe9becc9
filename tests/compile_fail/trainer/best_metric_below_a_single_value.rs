use trainer_core::prelude::*; // row 14: 2 errors

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

#[metric(greater_is_better = false)]
fn distance(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    predictions.iter().zip(labels.iter()).filter(|(predicted, actual)| predicted != actual).count() as f64
}

#[metric]
fn by_length(predictions: Predictions<'_, Rating>) -> [(&'static str, f64); 1] {
    [("all", predictions.len() as f64)]
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", metric_for_best_model = "f1_macro")]
struct OfF1 {}

#[trainer(metrics = [f1(average = "macro"), recall(average = "none"), distance, by_length])]
struct F1Trainer {
    model: BertForSequenceClassification<Rating>,
    args: OfF1,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", metric_for_best_model = "distance_all")]
struct OfDistance {}

#[trainer(metrics = [f1(average = "macro"), recall(average = "none"), distance, by_length])]
struct DistanceTrainer {
    model: BertForSequenceClassification<Rating>,
    args: OfDistance,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", metric_for_best_model = "by_length_all")]
struct OfLengths {}

#[trainer(metrics = [f1(average = "macro"), recall(average = "none"), distance, by_length])]
struct LengthsTrainer {
    model: BertForSequenceClassification<Rating>,
    args: OfLengths,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", metric_for_best_model = "recall_neutral")]
struct OfClass {}

#[trainer(metrics = [f1(average = "macro"), recall(average = "none"), distance, by_length])]
struct ClassTrainer {
    model: BertForSequenceClassification<Rating>,
    args: OfClass,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
