use trainer_core::prelude::*; // rows 1, 2: 6 errors

#[derive(Example)]
#[example(text, train = "data/train.jsonl", train = "data/more.jsonl")]
struct Review {
    #[example(train = "data/train.jsonl")]
    text: String,
    #[example(text_pair = "title")]
    title: String,
    #[example(column)]
    label: f32,
    #[example]
    extra: u32,
}

fn main() {}
