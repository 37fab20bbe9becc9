use trainer_core::prelude::*; // row 32: 4 errors

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
#[training_args(output_dir = "results", optim = "sgd")]
struct PlainDescent {}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct RowsAndColumns {
    #[arg(default = "adafactor")]
    optim: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Usual {}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "8KiB")]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: PlainDescent,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "8KiB")]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: RowsAndColumns,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "8KiB", optimizer = lion)]
struct Third {
    model: BertForSequenceClassification<Rating>,
    args: Usual,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "8KiB", optimizer = sgd(momentum = 0.9))]
struct Fourth {
    model: BertForSequenceClassification<Rating>,
    args: PlainDescent,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
