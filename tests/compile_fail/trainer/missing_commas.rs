use trainer_core::prelude::*; // row 2: 6 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(rename_all = "kebab-case" crate = ::trainer_core)]
enum Rating {
    Negative,
    Positive,
}

#[derive(Example)]
#[example(test = "compile_fail/data/files/two_classes.jsonl" check = "off")]
struct Review {
    text: String,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(seed = 3 logging_first_step = true)]
struct Args {
    #[arg(default = 8 range = 1..=200)]
    per_device_train_batch_size: usize,
}

#[metric(name = "share" greater_is_better = false)]
fn positive(predictions: Predictions<'_, Rating>) -> f64 {
    predictions.len() as f64
}

#[trainer(metrics = [accuracy] loss = ce)]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
