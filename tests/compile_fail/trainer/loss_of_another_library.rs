use trainer_core::prelude::*; // rows 1, 2, 6, 9: 4 errors

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

#[trainer(loss = focal(gama = 2.0))]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(loss = CrossEntropyLoss)]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(loss = "ce")]
struct Third {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(loss = weightedce([1.0]))]
struct Fourth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
