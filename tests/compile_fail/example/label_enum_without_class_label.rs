use trainer_core::prelude::*;

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
