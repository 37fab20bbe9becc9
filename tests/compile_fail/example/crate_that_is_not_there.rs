use trainer_core::prelude::*; // row 2: 1 error

#[derive(Example)]
#[example(crate = nowhere::trainer_core)]
struct Review {
    text: String,
    label: f32,
}

fn main() {}
