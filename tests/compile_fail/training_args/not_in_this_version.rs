use trainer_core::prelude::*; // rows 6, 19: 5 errors

#[derive(TrainingArgs)]
#[training_args(fp16 = true, bf16 = true, tf32 = true)]
struct Args {
    mixed_precision: String,
    #[arg(own)]
    auto_find_batch_size: bool,
}

fn main() {
    Args::parse();
}
