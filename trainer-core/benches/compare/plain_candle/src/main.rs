//! candle without a training library, as its examples write a loop: padded batches, autograd over its own operations,
//! `candle_nn::AdamW`. Clipping by the global norm is written out, since candle has none.

mod bert;

use bert::Bert;
use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarMap, loss::cross_entropy};
use compare_job::{Job, PaddedBatch, Record, Update, tokenise};

/// Scales all gradients so that their norm is at most 1.
fn clip(gradients: &mut GradStore, variables: &[Var]) -> Result<()> {
    let mut sum = 0.0;
    for variable in variables {
        if let Some(gradient) = gradients.get(variable) {
            sum += gradient.sqr()?.sum_all()?.to_scalar::<f32>()?;
        }
    }
    let norm = f64::from(sum).sqrt();
    if norm > 1.0 {
        for variable in variables {
            if let Some(gradient) = gradients.remove(variable) {
                gradients.insert(variable, (gradient * (1.0 / (norm + 1e-6)))?);
            }
        }
    }
    Ok(())
}

fn main() -> compare_job::Result<()> {
    let job = Job::of_this_process()?;
    let device = Device::Cpu;
    let rows = tokenise(&job)?;
    let weights = VarMap::new();
    let bert = Bert::new(&weights, &job.model, job.dropout)?;
    let variables = weights.all_vars();
    let settings = ParamsAdamW { lr: job.learning_rate(0), weight_decay: 0.0, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(variables.clone(), settings)?;
    let mut record = Record::default();
    for (update, batch) in job.batches.iter().enumerate() {
        let batch = PaddedBatch::new(&rows, batch);
        let shape = (batch.rows, batch.length);
        let mask: Vec<f32> = batch.is_token.iter().map(|is_token| f32::from(u8::from(*is_token))).collect();
        let ids = Tensor::from_slice(&batch.ids, shape, &device)?;
        let logits = bert.forward(&ids, &Tensor::from_vec(mask, shape, &device)?)?;
        let loss = cross_entropy(&logits, &Tensor::from_slice(&batch.labels, batch.rows, &device)?)?;
        let mut gradients = loss.backward()?;
        clip(&mut gradients, &variables)?;
        optimizer.set_learning_rate(job.learning_rate(update));
        optimizer.step(&gradients)?;
        record.updates.push(Update::ending_now(f64::from(loss.to_scalar::<f32>()?), Some(batch.tokens())));
    }
    record.write(&job.record)
}
