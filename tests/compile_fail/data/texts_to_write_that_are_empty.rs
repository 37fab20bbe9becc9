use trainer_core::prelude::*; // row 27: 3 errors

#[derive(Example)]
#[example(train = "compile_fail/data/files/empty_source.jsonl")]
struct Translation {
    source: String,
    target: String,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/empty_prompt.csv")]
struct Answer {
    prompt: String,
    completion: String,
}

fn main() {}
