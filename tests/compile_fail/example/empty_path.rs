use trainer_core::prelude::*;

#[derive(Example)]
#[example(train = "", eval)]
struct Review {
    text: String,
    label: f32,
}

fn main() {}
