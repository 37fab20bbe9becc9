use trainer_core::prelude::*;

#[derive(Example)]
#[example(train = "compile_fail/data/files/reviews.jsonl")]
struct Review {
    text: u32,
    label: String,
}

fn main() {}
