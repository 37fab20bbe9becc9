use trainer_core::prelude::*; // row 12: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Positive,
}

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Topic {
    World,
    Sports,
}

#[metric]
fn share(predictions: Predictions<'_, Rating>, labels: Labels<'_, Topic>) -> f64 {
    predictions.len() as f64 / labels.len() as f64
}

fn main() {}
