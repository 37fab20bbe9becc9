//! A column that the Parquet file does not have, and one of another type. // row 24: 2 errors

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/data/reviews.parquet")]
struct Review {
    #[example(text)]
    txt: String,
    label: Rating,
    #[example(extra)]
    note: Option<bool>,
}

fn main() {}
