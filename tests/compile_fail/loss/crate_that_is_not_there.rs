use trainer_core::prelude::*; // row 2: 1 error

#[loss(crate = nowhere)]
fn mine(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

fn main() {}
