use trainer_core::prelude::*; // rows 24, 25: 4 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/several.jsonl")]
struct Review {
    text: String,
    label: Rating,
    #[example(extra)]
    votes: u16,
}

fn main() {}
