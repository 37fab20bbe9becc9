use trainer_core::prelude::*; // row 20: 1 error

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

struct Tiny {
    parameters: Parameters,
}

impl Model for Tiny {
    fn forward(&self, _batch: &Batch, _mode: Mode) -> trainer_core::Result<Output> {
        unreachable!()
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

#[trainer(peft = lora(r = 8))]
struct First {
    model: Tiny,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
