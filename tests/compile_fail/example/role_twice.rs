use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    text: String,
    #[example(text)]
    title: String,
    label: f32,
}

fn main() {}
