use trainer_core::prelude::*; // row 22: 1 error

#[derive(Example)]
struct Review {
    text: String,
    label: String,
}

fn main() {}
