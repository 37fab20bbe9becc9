use trainer_core::prelude::*; // row 3: 12 errors

const TOO_MUCH: f64 = 1.5;

#[derive(TrainingArgs)]
#[training_args(
    adam_beta1 = 1.0,
    warmup_ratio = 3,
    gradient_accumulation_steps = 0,
    label_smoothing_factor = 1.2,
    per_device_eval_batch_size = -8,
    weight_decay = f64::NAN,
    adam_beta2 = TOO_MUCH,
    max_grad_norm = -1.0,
    save_steps = 2.5,
    max_steps = 0,
)]
struct Args {
    #[arg(default = -1)]
    learning_rate: f64,
    #[arg(default = 0)]
    per_device_train_batch_size: usize,
}

fn main() {
    Args::parse();
}
