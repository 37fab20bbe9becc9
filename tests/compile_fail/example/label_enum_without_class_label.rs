use trainer_core::prelude::*; // row 22: 1 error

#[derive(Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
