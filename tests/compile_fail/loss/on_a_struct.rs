use trainer_core::prelude::*; // row 29: 1 error

#[loss]
pub struct Focal;

fn main() {}
