use trainer_core::prelude::*; // row 3: 3 errors

#[derive(TrainingArgs)]
#[training_args(max_steps = 18446744073709551616, seed = 18446744073709551616, save_total_limit = 2 * 0)]
struct Args {}

/// Right: what the compiler can compute is a number like any other.
#[derive(TrainingArgs)]
#[training_args(max_steps = 10 * 100, warmup_steps = 3 + 2, per_device_train_batch_size = 4 * 2, seed = 1 << 4, num_train_epochs = 1 + 2, weight_decay = 0.1 / 2.0)]
struct Computed {}

fn main() {}
