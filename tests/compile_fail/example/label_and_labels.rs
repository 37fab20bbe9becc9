use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    text: String,
    label: f32,
    labels: [f32; 2],
}

fn main() {}
