use trainer_core::prelude::*; // row 20: 7 errors

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

const RANK: usize = 0;

#[trainer(peft = lora(r = 0, alpha = 0, dropout = 1.0, target_modules = []))]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(r = -1, alpha = -16, dropout = -0.1))]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(r = RANK, alpha = f64::INFINITY))]
struct Third {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
