use trainer_core::prelude::*; // row 29: 3 errors

#[metric]
async unsafe fn share<L: ClassLabel>(labels: Labels<'_, L>) -> f64 {
    labels.len() as f64
}

fn main() {}
