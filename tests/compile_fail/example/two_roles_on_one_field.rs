use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    #[example(text, label)]
    text: String,
    #[example(skip, column = "stars")]
    stars: u32,
    label: f32,
}

fn main() {}
