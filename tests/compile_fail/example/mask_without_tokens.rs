use trainer_core::prelude::*; // row 21: 1 error

#[derive(Example)]
struct Review {
    text: String,
    attention_mask: Vec<u32>,
    label: f32,
}

fn main() {}
