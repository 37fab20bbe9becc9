use trainer_core::prelude::*;

#[derive(TrainingArgs)]
#[training_args(device = "cuda:1")]
struct Args {}

fn main() {
    Args::parse();
}
