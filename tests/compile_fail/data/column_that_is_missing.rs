use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/missing_column.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
