//! A summary that somebody has edited. // row 23: 1 error

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/summary/broken/reviews.jsonl")]
struct Review {
    text: String,
    #[example(label)]
    rating: Rating,
}

fn main() {}
