use trainer_core::prelude::*; // rows 1, 3, 5: 3 errors

#[derive(TrainingArgs)]
#[training_args(learning_rte = 1e-4, warmup_ratio = 3)]
struct Args {
    dropout: f64,
}

fn main() {
    println!("{}", Args::parse());
}
