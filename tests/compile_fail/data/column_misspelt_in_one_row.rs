use trainer_core::prelude::*; // row 24: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/misspelt_once.jsonl")]
struct Review {
    #[example(text)]
    topic: String,
    label: Rating,
}

fn main() {}
