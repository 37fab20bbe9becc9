use trainer_core::prelude::*; // row 23: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "imdb")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
