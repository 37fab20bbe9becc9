use trainer_core::prelude::*; // row 2: 4 errors

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, eval_strategy = "epochs", save_strategy = "epoch")]
struct Evaluation {}

#[derive(TrainingArgs)]
#[training_args(early_stopping_patience = 2, metric_for_best_model = "loss", eval_strategy = "each epoch")]
struct Stopping {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "cosin", num_cycles = 1.5, warmup_steps = 100)]
struct Schedule {}

#[derive(TrainingArgs)]
#[training_args(device = "gpu")]
struct Device {}

fn main() {}
