use trainer_core::prelude::*; // row 25: 4 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/topics.jsonl", eval = "compile_fail/data/files/topics_vector.jsonl", test = "compile_fail/data/files/topics_twice.jsonl")]
struct Review {
    text: String,
    labels: Vec<Rating>,
}

fn main() {}
