use trainer_core::prelude::*; // row 29: 3 errors

#[metric]
fn share(labels: &Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

#[metric]
fn any(labels: impl Iterator<Item = f32>) -> f64 {
    labels.count() as f64
}

#[metric]
fn of_lifetime<'a>(labels: Labels<'a, f32>) -> f64 {
    labels.len() as f64
}

fn main() {}
