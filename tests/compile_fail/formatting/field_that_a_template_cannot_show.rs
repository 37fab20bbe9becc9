use trainer_core::prelude::*; // row 28: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    #[example(extra)]
    scores: Vec<f32>,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(formatting = "{scores}: {text}")]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(formatting = "{label}: {text}")]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
