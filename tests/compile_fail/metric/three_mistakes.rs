use trainer_core::prelude::*; // rows 1, 29: 3 errors

#[metric(nmae = "share")]
async fn share(predictions: Predictions<'_, f32>, labels: Labels<'_, f32>) {
    let _ = (predictions, labels);
}

fn main() {}
