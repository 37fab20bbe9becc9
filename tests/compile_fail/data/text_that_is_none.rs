use trainer_core::prelude::*; // row 24: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/text_types.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
