use trainer_core::prelude::*; // row 29: 1 error

#[loss]
fn mine(output: &Output) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, &output.logits)
}

fn main() {}
