use trainer_core::prelude::*; // row 23: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/pretty.jsonl", eval = "compile_fail/data/files/data_key.json", test = "compile_fail/data/files/columns.json")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
