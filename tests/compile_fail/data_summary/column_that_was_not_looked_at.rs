//! A column that had no field when the summary was written. // row 24: 1 error
#![deny(deprecated)]

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
    text: String,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    id: u32,
}

fn main() {}
