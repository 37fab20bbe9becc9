use trainer_core::prelude::*;

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
