//! A file with the name of a Parquet file. // row 23: 1 error

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/data/not_really.parquet")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
