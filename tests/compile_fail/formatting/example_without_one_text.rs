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
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
    #[example(extra)]
    votes: u32,
    label: Rating,
}

#[derive(Example)]
struct Pair {
    text: String,
    #[example(text_pair)]
    other: String,
    label: Rating,
}

#[trainer(formatting = "{votes}")]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
    tokenizer: Tokenizer,
}

#[trainer(formatting = "{text} {other}")]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

fn main() {}
