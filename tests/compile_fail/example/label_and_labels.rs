use trainer_core::prelude::*; // row 21: 1 error

#[derive(Example)]
struct Review {
    text: String,
    label: f32,
    labels: [f32; 2],
}

fn main() {}
