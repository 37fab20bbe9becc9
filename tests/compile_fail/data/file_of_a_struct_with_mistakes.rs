use trainer_core::prelude::*; // row 23: 2 errors

#[derive(Example)]
#[example(train = "compile_fail/data/files/cut.jsonl")]
struct Review {
    text: String,
    sentence: String,
    label: f32,
}

fn main() {}
