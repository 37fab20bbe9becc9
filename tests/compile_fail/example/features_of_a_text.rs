use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    features: String,
    label: f32,
}

fn main() {}
