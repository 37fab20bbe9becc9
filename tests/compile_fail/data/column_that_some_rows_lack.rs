use trainer_core::prelude::*; // row 24: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(eval = "compile_fail/data/files/missing_once.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
