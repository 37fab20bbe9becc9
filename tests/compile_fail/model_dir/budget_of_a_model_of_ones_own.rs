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
struct Args {}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "8GiB")]
struct ReviewTrainer {
    model: Own,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

struct Own {
    parameters: Parameters,
}

impl Model for Own {
    fn forward(&self, _batch: &Batch, _mode: Mode) -> trainer_core::Result<Output> {
        unreachable!()
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

fn main() {}
