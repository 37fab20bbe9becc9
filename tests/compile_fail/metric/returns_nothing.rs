use trainer_core::prelude::*;

#[metric]
fn share(labels: Labels<'_, f32>) {
    let _ = labels;
}

fn main() {}
