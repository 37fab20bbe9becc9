use trainer_core::prelude::*; // row 28: 5 errors

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

const PROMPT: &str = "{text}";

fn takes_a_text(text: &str) -> String {
    text.to_owned()
}

fn gives_a_number(review: &Review) -> usize {
    review.text.len()
}

fn takes_two(review: &Review, prompt: &str) -> String {
    format!("{prompt}{}", review.text)
}

fn takes_another(rating: &Rating) -> String {
    rating.to_string()
}

#[trainer(formatting = takes_a_text)]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(formatting = gives_a_number)]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(formatting = takes_two)]
struct Third {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(formatting = PROMPT)]
struct Fourth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(formatting = takes_another)]
struct Fifth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
