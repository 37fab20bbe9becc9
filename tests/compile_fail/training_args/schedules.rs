use trainer_core::prelude::*; // row 3: 6 errors

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "linear", power = 2.0)]
struct Stranger {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "reduce_lr_on_plateau")]
struct Plateau {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "constant")]
struct Warm {
    #[arg(default = 100)]
    warmup_steps: usize,
}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "cosine_with_min_lr", min_lr = 1e-6, min_lr_rate = 0.1)]
struct Twice {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "warmup_stable_decay")]
struct NoDecay {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "cosine_with_restarts")]
struct Restarts {
    #[arg(default = 1.5)]
    num_cycles: f64,
}

fn main() {}
