use trainer_core::prelude::*; // row 21: 2 errors

#[derive(Example)]
struct Numbers {
    features: Vec<f32>,
}

#[derive(Example)]
struct Pair {
    text: String,
    text_pair: String,
}

fn main() {}
