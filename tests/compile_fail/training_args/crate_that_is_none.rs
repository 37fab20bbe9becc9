use trainer_core::prelude::*; // row 2: 1 error

#[derive(TrainingArgs)]
#[training_args(crate = 3)]
struct First {}

fn main() {}
