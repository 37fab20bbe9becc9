use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    text: String,
    labels: Vec<String>,
}

fn main() {}
