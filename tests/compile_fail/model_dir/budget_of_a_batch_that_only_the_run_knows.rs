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
#[training_args(output_dir = "results")]
struct Args {
    #[arg(default = rows())]
    per_device_train_batch_size: usize,
}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "8GiB")]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn rows() -> usize {
    8
}

fn main() {}
