use trainer_core::prelude::*; // row 2: 7 errors

struct Mine;

#[derive(TrainingArgs)]
struct Args {
    per_device_train_batch_size: f64,
    eval_strategy: bool,
    learning_rate: usize,
    max_length: String,
    #[arg(own)]
    mine: Mine,
    #[arg(own, default = 300)]
    small: u8,
    #[arg(own, default = 0.5)]
    whole: i32,
}

fn main() {
    Args::parse();
}
