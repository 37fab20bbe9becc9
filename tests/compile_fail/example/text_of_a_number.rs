use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    text: u32,
    text_pair: Option<u32>,
    label: f32,
}

fn main() {}
