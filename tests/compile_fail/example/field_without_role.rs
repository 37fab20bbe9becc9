use trainer_core::prelude::*; // row 21: 2 errors

#[derive(Example)]
struct Review {
    txet: String,
    opinion: f32,
}

fn main() {}
