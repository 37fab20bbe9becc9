use trainer_core::prelude::*; // row 30: 3 errors

#[derive(ClassLabel)]
enum Rating {
    Negative,
    Positive,
}

#[derive(ClassLabel, Clone, Copy)]
enum Topic {
    World,
    Sports,
}

#[derive(ClassLabel, Clone, PartialEq)]
enum Mood {
    Glad,
    Sad,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
