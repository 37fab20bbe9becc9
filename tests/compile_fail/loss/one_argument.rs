use trainer_core::prelude::*;

#[loss]
fn mine(output: &Output) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, &output.logits)
}

fn main() {}
