use trainer_core::prelude::*; // rows 12, 29: 1 error

#[metric]
fn share(labels: Labels<'_, String>) -> f64 {
    let _ = labels;
    0.5
}

fn main() {}
