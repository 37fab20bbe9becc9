use trainer_core::prelude::*; // row 15: 4 errors

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, save_strategy = "steps", eval_strategy = "epoch")]
struct Strategies {}

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true)]
struct NoEvaluation {
    eval_strategy: String,
}

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, eval_strategy = "steps", save_steps = 500)]
struct Steps {
    #[arg(default = 200)]
    eval_steps: usize,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "best")]
struct Best {}

fn main() {}
