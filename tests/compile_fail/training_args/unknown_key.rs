use trainer_core::prelude::*; // row 1: 4 errors

#[derive(TrainingArgs)]
#[training_args(wieght_decay = 0.01, temperature = 0.7)]
struct Args {
    #[arg(defualt = 5e-5)]
    learning_rate: f64,
    #[arg(colour = "red")]
    num_train_epochs: f64,
}

fn main() {
    Args::parse();
}
