use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    label: f32,
}

fn main() {}
