//! The data file is not in the repository: its summary says that a label is no class. // row 25: 1 error

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Bad,
    Good,
}

#[derive(Example)]
#[example(train = "fixtures/summary/alone/reviews.jsonl")]
struct Review {
    text: String,
    #[example(label)]
    rating: Rating,
}

fn main() {}
