use trainer_core::prelude::*; // rows 1, 2: 3 errors

#[metric(nmae = "share", greater_is_better = "no")]
fn share(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

#[metric(name = "share of all")]
fn of_all(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

fn main() {}
