use trainer_core::prelude::*; // row 23: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/semicolons.csv", eval = "compile_fail/data/files/tabs.csv")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
