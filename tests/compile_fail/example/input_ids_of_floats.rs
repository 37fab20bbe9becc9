use trainer_core::prelude::*; // row 22: 2 errors

#[derive(Example)]
struct Review {
    input_ids: Vec<f32>,
    attention_mask: Vec<bool>,
    label: f32,
}

fn main() {}
