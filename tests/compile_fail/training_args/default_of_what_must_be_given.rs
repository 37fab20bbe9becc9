use trainer_core::prelude::*; // row 5: 1 error

#[derive(TrainingArgs)]
struct Args {
    #[arg(own)]
    data: String,
    #[arg(own)]
    limit: Option<usize>,
    #[arg(own, default = 3)]
    folds: usize,
}

fn main() {
    Args::default();
}
