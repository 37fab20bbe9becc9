use trainer_core::prelude::*; // rows 2, 3, 7, 8: 10 errors

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

#[derive(Example)]
struct Post {
    text: String,
    labels: Vec<Rating>,
}

#[derive(Example)]
struct Measured {
    text: String,
    label: f32,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(loss = focal(gamma = -1, alpha = [0.5, -0.5]))]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(loss = focal(alpha = vec![0.5, 0.5, 1.0], gamma = "2"))]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(loss = focal(alpha = [0.5, 1.5, 1]))]
struct Third {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Post>,
    eval_dataset: Dataset<Post>,
    tokenizer: Tokenizer,
}

#[trainer(loss = weighted_bce([0.0, 0.0, 0.0]))]
struct Fourth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Post>,
    eval_dataset: Dataset<Post>,
    tokenizer: Tokenizer,
}

#[trainer(loss = weighted_bce)]
struct Fifth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Post>,
    eval_dataset: Dataset<Post>,
    tokenizer: Tokenizer,
}

#[trainer(loss = huber(delta = 0))]
struct Sixth {
    model: BertForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Measured>,
    eval_dataset: Dataset<Measured>,
    tokenizer: Tokenizer,
}

#[trainer(loss = huber(1.0))]
struct Seventh {
    model: BertForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Measured>,
    eval_dataset: Dataset<Measured>,
    tokenizer: Tokenizer,
}

fn main() {}
