//! A column of a type that no field can hold. // row 24: 1 error

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "fixtures/data/categories.parquet")]
struct Review {
    text: String,
    label: Rating,
    #[example(extra)]
    when: i64,
}

fn main() {}
