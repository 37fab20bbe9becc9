use trainer_core::prelude::*;

#[metric]
fn share(labels: Labels<'_, String>) -> f64 {
    let _ = labels;
    0.5
}

fn main() {}
