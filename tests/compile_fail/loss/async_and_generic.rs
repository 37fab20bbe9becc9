use trainer_core::prelude::*;

#[loss]
async fn mine<T>(_output: &Output, _batch: &Batch) -> trainer_core::Result<LossSum> {
    loop {}
}

fn main() {}
