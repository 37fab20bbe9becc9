use trainer_core::prelude::*; // rows 22, 24: 2 errors

#[derive(Example)]
#[example(train = "compile_fail/data/files/reviews.jsonl")]
struct Review {
    text: u32,
    label: String,
}

fn main() {}
