use trainer_core::prelude::*; // row 2: 5 errors

#[derive(TrainingArgs)]
#[training_args(seed = 3, seed = 4, weight_decay = 0.1)]
#[training_args(eval_strategy = "epoch", evaluation_strategy = "steps")]
#[training_args(warmup_steps = 100, warmup_ratio = 0.1)]
struct Args {
    #[arg(default = 5e-5, default = 1e-5)]
    learning_rate: f64,
    weight_decay: f64,
}

fn main() {
    Args::parse();
}
