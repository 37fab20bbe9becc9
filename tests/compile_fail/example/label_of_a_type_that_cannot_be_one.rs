use trainer_core::prelude::*;

#[derive(Example)]
struct Review {
    text: String,
    label: String,
}

fn main() {}
