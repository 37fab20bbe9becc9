use trainer_core::prelude::*; // row 20: 2 errors

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

const TARGETS: &[&str] = &["query", "valu"];
const QUERY: &str = "quary";

#[trainer(peft = lora(r = 8, target_modules = TARGETS))]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(r = 8, target_modules = [QUERY, "value"]))]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
