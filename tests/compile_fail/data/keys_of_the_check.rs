use trainer_core::prelude::*; // row 2: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/reviews.jsonl", file = 3, file = "", check = "ful")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
