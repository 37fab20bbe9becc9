use trainer_core::prelude::*; // row 21: 2 errors

#[derive(Example)]
struct Chat {
    messages: Vec<String>,
    #[example(prompt)]
    question: String,
}

fn main() {}
