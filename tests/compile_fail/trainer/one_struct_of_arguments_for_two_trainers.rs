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

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", metric_for_best_model = "f1")]
struct Args {}

#[trainer(metrics = [f1(average = "macro")])]
struct Right {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(metrics = [accuracy])]
struct OtherMetric {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer]
struct NoEvaluation {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
