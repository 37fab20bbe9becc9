use trainer_core::prelude::*;

#[loss]
fn mine(_output: &Output, _batch: &Batch) {}

fn main() {}
