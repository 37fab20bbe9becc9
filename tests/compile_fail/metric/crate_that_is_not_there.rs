use trainer_core::prelude::*; // row 2: 1 error

#[metric(crate = nowhere)]
fn share(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

fn main() {}
