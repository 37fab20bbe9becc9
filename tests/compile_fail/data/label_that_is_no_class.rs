use trainer_core::prelude::*; // row 25: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/unknown_label.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
