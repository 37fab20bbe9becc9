use trainer_core::prelude::*; // row 2: 15 errors

#[derive(TrainingArgs)]
#[training_args(weight_decay = "small", seed = 3.5, do_train = "yes", eval_strategy = epoch, output_dir = 7)]
#[training_args(report_to = [1, 2], save_steps = true, max_steps)]
struct Args {
    #[arg(default = "fast")]
    learning_rate: f64,
    #[arg(range = 3, help = 4, env = "")]
    num_train_epochs: f64,
    #[arg(choices = "a", own = true)]
    note: String,
    #[arg(default)]
    adam_beta1: f64,
}

fn main() {
    Args::parse();
}
