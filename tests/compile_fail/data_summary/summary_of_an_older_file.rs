//! Both are there: the file is checked, and the summary is said to be older. // row 23: 1 error
#![deny(deprecated)]

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/summary/stale/reviews.jsonl")]
struct Review {
    text: String,
    #[example(label)]
    rating: Rating,
}

fn main() {}
