use trainer_core::prelude::*; // rows 1, 2, 6: 6 errors

#[derive(Example)]
#[example(trian = "data/train.jsonl", validation = "data/eval.jsonl", test = 3, file = "more.jsonl")]
struct Review {
    #[example(txt)]
    text: String,
    #[example(rename = "rating")]
    label: f32,
}

fn main() {}
