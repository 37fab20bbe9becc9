use trainer_core::prelude::*;

#[loss]
pub struct Focal;

fn main() {}
