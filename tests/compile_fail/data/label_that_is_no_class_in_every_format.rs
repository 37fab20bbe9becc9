use trainer_core::prelude::*; // row 25: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/unknown_label.csv", eval = "compile_fail/data/files/unknown_label.tsv", test = "compile_fail/data/files/unknown_label.json")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
