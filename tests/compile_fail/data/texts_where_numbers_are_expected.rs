use trainer_core::prelude::*; // row 24: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/titles.jsonl")]
struct Review {
    text: String,
    label: Rating,
    #[example(extra)]
    title: u32,
}

fn main() {}
