use trainer_core::prelude::*; // row 5: 4 errors

#[derive(TrainingArgs)]
struct Args {
    lerning_rate: f64,
    dropout: f64,
    #[arg(own)]
    weight_decay: f64,
    config: String,
}

fn main() {
    Args::parse();
}
