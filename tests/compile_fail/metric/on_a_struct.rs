use trainer_core::prelude::*;

#[metric]
struct Accuracy;

fn main() {}
