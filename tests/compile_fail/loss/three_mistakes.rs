use trainer_core::prelude::*; // rows 1, 29: 3 errors

#[loss(nmae = "mine")]
async fn mine<T>(_output: &Output, _batch: &Batch) -> trainer_core::Result<LossSum> {
    loop {}
}

fn main() {}
