use trainer_core::prelude::*; // row 22: 1 error

#[derive(Example)]
struct Review {
    features: String,
    label: f32,
}

fn main() {}
