use trainer_core::prelude::*;

#[derive(Example)]
#[example(train = "compile_fail/data/files/cut.jsonl")]
struct Review {
    text: String,
    sentence: String,
    label: f32,
}

fn main() {}
