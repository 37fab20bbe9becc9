//! The data file is not in the repository: its summary has no such column, and another type in the next. // row 24: 2 errors

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/summary/alone/reviews.jsonl")]
struct Review {
    #[example(text)]
    txt: String,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    note: Option<bool>,
}

fn main() {}
