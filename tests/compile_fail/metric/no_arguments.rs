use trainer_core::prelude::*; // row 29: 1 error

#[metric]
fn share() -> f64 {
    0.0
}

fn main() {}
