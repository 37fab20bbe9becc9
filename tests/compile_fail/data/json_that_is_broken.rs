use trainer_core::prelude::*; // row 23: 4 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/cut.jsonl", eval = "compile_fail/data/files/broken.json", test = "compile_fail/data/files/objects.json", file = "compile_fail/data/files/array.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

fn main() {}
