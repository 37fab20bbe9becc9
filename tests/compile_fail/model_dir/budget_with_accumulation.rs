use trainer_core::prelude::*; // row 32: 1 error

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
#[training_args(output_dir = "results", gradient_accumulation_steps = 4, max_length = 12)]
struct Args {}

#[trainer(collator = Padding(max_length = 8), model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "0.04MB")]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
