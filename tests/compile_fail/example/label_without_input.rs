use trainer_core::prelude::*; // row 21: 1 error

#[derive(Example)]
struct Review {
    label: f32,
}

fn main() {}
