use trainer_core::prelude::*;

#[derive(TrainingArgs)]
struct Args {
    #[arg(own)]
    labels: String,
}

fn main() {
    Args::default();
}
