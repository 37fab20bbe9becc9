use trainer_core::prelude::*; // row 29: 2 errors

#[metric]
fn share(labels: Labels<'_, f32>) -> trainer_core::Result<f64> {
    Ok(labels.len() as f64)
}

#[metric]
fn other(labels: Labels<'_, f32>) -> std::result::Result<f64, String> {
    Ok(labels.len() as f64)
}

fn main() {}
