use trainer_core::prelude::*; // row 29: 4 errors

#[metric]
fn list(labels: Labels<'_, f32>) -> Vec<f64> {
    vec![labels.len() as f64]
}

#[metric]
fn pair(_labels: Labels<'_, f32>) -> (f64, f64) {
    (0.0, 1.0)
}

#[metric]
fn fixed(_labels: Labels<'_, f32>) -> [f64; 2] {
    [0.0, 1.0]
}

#[metric]
fn fails(_labels: Labels<'_, f32>) -> Result<f64, String> {
    Ok(0.0)
}

fn main() {}
