use trainer_core::prelude::*; // row 29: 4 errors

#[metric]
const SHARE: f64 = 0.5;

#[metric]
pub(crate) mod metrics {}

#[metric]
enum Kind {
    Share,
}

#[metric]
impl Kind {}

fn main() {}
