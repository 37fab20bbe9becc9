use trainer_core::prelude::*; // rows 1, 2, 3, 4, 5, 15: 6 errors

#[derive(TrainingArgs)]
#[training_args(sed = 3, adam_beta1 = 2.0, load_best_model_at_end = true, output_dir)]
struct Args {
    #[arg(default = 5.0, range = 0.0..=1.0)]
    learning_rate: f64,
    dropuot: f64,
}

fn main() {
    let args = Args::parse();
    let _: f64 = args.learning_rate + args.dropuot;
    let _: TrainingArguments = args.arguments();
}
