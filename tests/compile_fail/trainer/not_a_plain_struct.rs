use trainer_core::prelude::*; // row 13: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer]
enum First {
    Model,
}

#[trainer]
struct Second(Args);

#[trainer]
struct Third<M> {
    model: M,
    args: Args,
    train_dataset: Dataset<Review>,
}

fn main() {}
