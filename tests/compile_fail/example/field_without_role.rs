use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    txet: String,
    opinion: f32,
}

fn main() {}
