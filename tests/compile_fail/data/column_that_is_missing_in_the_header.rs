use trainer_core::prelude::*; // row 24: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/missing_column.csv")]
struct Review {
    text: String,
    #[example(column = "rating")]
    label: Rating,
}

fn main() {}
