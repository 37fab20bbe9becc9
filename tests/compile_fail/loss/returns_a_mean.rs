use trainer_core::prelude::*; // row 29: 3 errors

#[loss]
fn number(_output: &Output, _batch: &Batch) -> f32 {
    0.0
}

#[loss]
fn without_result(output: &Output, batch: &Batch) -> LossSum {
    match batch.labels().and_then(|labels| LossSum::weighted(&output.logits, labels)) {
        Ok(sum) => sum,
        Err(error) => panic!("{error}"),
    }
}

#[loss]
fn result_of_a_number(_output: &Output, _batch: &Batch) -> trainer_core::Result<f64> {
    Ok(0.0)
}

fn main() {}
