use trainer_core::prelude::*; // row 1: 1 error

#[loss(name = "mine")]
fn mine(output: &Output, batch: &Batch) -> Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

type Result<T> = trainer_core::Result<T>;

fn main() {}
