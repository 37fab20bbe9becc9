use trainer_core::prelude::*; // row 29: 1 error

#[metric]
fn share(labels: Labels<'_, f32>) {
    let _ = labels;
}

fn main() {}
