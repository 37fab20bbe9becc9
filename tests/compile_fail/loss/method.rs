use trainer_core::prelude::*; // row 29: 1 error

struct Focal;

impl Focal {
    #[loss]
    fn loss(&self, output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
        LossSum::weighted(&output.logits, batch.labels()?)
    }
}

fn main() {}
