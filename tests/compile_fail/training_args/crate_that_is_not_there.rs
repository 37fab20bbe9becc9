use trainer_core::prelude::*; // row 2: 1 error

#[derive(TrainingArgs)]
#[training_args(crate = nowhere)]
struct Args {
    learning_rate: f64,
}

fn main() {}
