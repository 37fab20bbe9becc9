use trainer_core::prelude::*; // row 29: 2 errors

#[loss]
async fn mine<T>(_output: &Output, _batch: &Batch) -> trainer_core::Result<LossSum> {
    loop {}
}

fn main() {}
