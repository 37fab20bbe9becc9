use trainer_core::prelude::*; // row 2: 3 errors

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", save_steps = None, logging_steps = Some(5), eval_strategy = None)]
struct Args {}

fn main() {}
