use trainer_core::prelude::*; // row 2: 5 errors

#[derive(TrainingArgs)]
#[training_args(seed 3, "weight_decay" = 0.1, adam_beta1 = , max_grad_norm = 1 +)]
struct Args {
    #[arg = "default"]
    learning_rate: f64,
}

fn main() {
    Args::parse();
}
