use trainer_core::prelude::*; // rows 6, 19: 5 errors

#[derive(TrainingArgs)]
#[training_args(fp16 = true, bf16 = true, neftune_noise_alpha = 5.0)]
struct Args {
    mixed_precision: String,
    #[arg(own)]
    auto_find_batch_size: bool,
}

fn main() {
    Args::parse();
}
