use trainer_core::prelude::*; // rows 2, 29: 3 errors

#[loss]
static SUM: f64 = 0.5;

#[loss]
trait Loss {}

#[loss(crate = 3)]
fn mine(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

fn main() {}
