use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    text: String,
}

fn main() {}
