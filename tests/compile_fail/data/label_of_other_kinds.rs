use trainer_core::prelude::*; // row 25: 4 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/label_kinds.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
