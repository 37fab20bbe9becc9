use trainer_core::prelude::*; // row 22: 2 errors

#[derive(Example)]
struct Review {
    text: u32,
    text_pair: Option<u32>,
    label: f32,
}

fn main() {}
