#![deny(deprecated)] // row 15: 2 errors

use trainer_core::prelude::*;

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, eval_strategy = "epoch", save_strategy = "epoch", save_total_limit = 1)]
struct Args {}

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, eval_strategy = "epoch", save_strategy = "epoch")]
struct Field {
    #[arg(default = 1)]
    save_total_limit: usize,
}

#[derive(TrainingArgs)]
#[training_args(save_total_limit = 1)]
struct WithoutBest {}

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, eval_strategy = "epoch", save_strategy = "epoch", save_total_limit = 2)]
struct Two {}

fn main() {}
