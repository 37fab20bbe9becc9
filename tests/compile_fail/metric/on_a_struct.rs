use trainer_core::prelude::*; // row 29: 1 error

#[metric]
struct Accuracy;

fn main() {}
