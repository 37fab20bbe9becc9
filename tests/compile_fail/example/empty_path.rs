use trainer_core::prelude::*; // row 2: 2 errors

#[derive(Example)]
#[example(train = "", eval)]
struct Review {
    text: String,
    label: f32,
}

fn main() {}
