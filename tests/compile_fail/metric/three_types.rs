use trainer_core::prelude::*; // row 29: 3 errors

struct Share;

#[metric]
fn share(predictions: Vec<u32>, labels: &[f32]) -> Share {
    let _ = (predictions, labels);
    Share
}

fn main() {}
