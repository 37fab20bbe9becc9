use trainer_core::prelude::*;

#[derive(Example)]
struct Chat {
    messages: Vec<String>,
    #[example(prompt)]
    question: String,
}

fn main() {}
