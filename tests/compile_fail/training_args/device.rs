use trainer_core::prelude::*; // row 19: 1 error

#[derive(TrainingArgs)]
#[training_args(device = "cuda:1")]
struct Args {}

fn main() {
    Args::parse();
}
