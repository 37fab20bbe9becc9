use trainer_core::prelude::*; // row 23: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/reveiws.jsonl", eval = "data/nowhere/eval.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
