use trainer_core::prelude::*; // row 21: 2 errors

#[derive(Example)]
struct Review {
    #[example(text, label)]
    text: String,
    #[example(skip, column = "stars")]
    stars: u32,
    label: f32,
}

fn main() {}
