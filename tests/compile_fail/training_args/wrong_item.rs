use trainer_core::prelude::*; // row 2: 3 errors

#[derive(TrainingArgs)]
enum Choice {
    One,
}

#[derive(TrainingArgs)]
struct Tuple(f64);

#[derive(TrainingArgs)]
struct Generic<T> {
    #[arg(own)]
    value: T,
}

fn main() {
    Choice::parse();
    Tuple::parse();
    Generic::<f64>::parse();
}
