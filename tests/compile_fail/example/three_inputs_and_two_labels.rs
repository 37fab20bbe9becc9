use trainer_core::prelude::*; // row 21: 3 errors

#[derive(Example)]
struct Review {
    text: String,
    #[example(text)]
    body: String,
    label: f32,
    #[example(label)]
    stars: f32,
}

#[derive(Example)]
struct Numbers {
    #[example(features)]
    first: Vec<f32>,
    #[example(features)]
    second: Vec<f32>,
    label: f32,
}

fn main() {}
