use trainer_core::prelude::*; // row 6: 9 errors

#[derive(TrainingArgs)]
#[training_args(
    epochs = 3,
    fp16_opt_level = "O1",
    data_collator = "padding",
    compute_metrics = "f1",
    tokenizer = "bert",
    overwrite_output_dir = true,
    no_cuda = true,
    evaluation_strategy = "epoch",
)]
struct Args {
    lr: f64,
    batch_size: usize,
}

fn main() {
    Args::parse();
}
