use trainer_core::prelude::*; // row 21: 1 error

#[derive(Example)]
struct Review {
    text: String,
    #[example(text)]
    title: String,
    label: f32,
}

fn main() {}
