//! A label of a Parquet file that is no class. // row 25: 1 error

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutrl,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/data/categories.parquet")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
