use trainer_core::prelude::*; // row 29: 1 error

#[metric]
fn share(predictions: Vec<u32>, labels: Labels<'_, f32>) -> f64 {
    predictions.len() as f64 / labels.len() as f64
}

fn main() {}
