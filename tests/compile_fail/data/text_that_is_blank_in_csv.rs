use trainer_core::prelude::*; // row 27: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/empty_text.csv")]
struct Review {
    text: String,
    text_pair: Option<String>,
    label: Rating,
}

fn main() {}
