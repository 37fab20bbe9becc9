use trainer_core::prelude::*; // row 29: 1 error

#[loss]
fn mine(_output: &Output, _batch: &Batch) {}

fn main() {}
