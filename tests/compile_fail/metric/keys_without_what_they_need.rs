use trainer_core::prelude::*; // row 2: 7 errors

#[metric(name, greater_is_better)]
fn first(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

#[metric(name = "", greater_is_better = 1)]
fn second(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

#[metric("share")]
fn third(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

#[metric(name = third, name = "fourth")]
fn fourth(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

fn main() {}
