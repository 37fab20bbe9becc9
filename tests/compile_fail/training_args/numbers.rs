use trainer_core::prelude::*; // row 3: 12 errors

const NONE: usize = 0;
const NEGATIVE: f64 = -1.0;
const UNDEFINED: f64 = 0.0 / 0.0;

#[derive(TrainingArgs)]
#[training_args(
    learning_rate = -1.0,
    adam_epsilon = f64::NAN,
    label_smoothing_factor = UNDEFINED,
    max_grad_norm = f64::INFINITY,
    weight_decay = NEGATIVE,
    per_device_eval_batch_size = NONE,
    warmup_ratio = -0.1,
    num_train_epochs = 0,
    gradient_accumulation_steps = -(2),
    seed = -1,
    early_stopping_threshold = -1,
)]
struct Args {
    #[arg(default = -0.0)]
    adam_beta1: f64,
    #[arg(default = 1e400)]
    adam_beta2: f64,
}

fn main() {
    Args::parse();
}
