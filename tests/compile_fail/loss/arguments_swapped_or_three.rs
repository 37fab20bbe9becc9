use trainer_core::prelude::*; // row 29: 4 errors

#[loss]
fn swapped(batch: &Batch, output: &Output) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

#[loss]
fn three(output: &Output, batch: &Batch, gamma: f32) -> trainer_core::Result<LossSum> {
    let _ = gamma;
    LossSum::weighted(&output.logits, batch.labels()?)
}

#[loss]
unsafe fn dangerous(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

fn main() {}
