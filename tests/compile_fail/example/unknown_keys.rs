use trainer_core::prelude::*;

#[derive(Example)]
#[example(trian = "data/train.jsonl", validation = "data/eval.jsonl", test = 3, file = "more.jsonl")]
struct Review {
    #[example(txt)]
    text: String,
    #[example(rename = "rating")]
    label: f32,
}

fn main() {}
