use trainer_core::prelude::*; // row 23: 4 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/ragged.csv", eval = "compile_fail/data/files/unclosed.csv", test = "compile_fail/data/files/twice.tsv", file = "compile_fail/data/files/latin1.csv")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
