//! Burn on its CPU backend `flex`: its `TransformerEncoder` in MiniLM's size, with embeddings, pooler and head around it.
//!
//! The weights are drawn at random: Burn's encoder has MiniLM's shapes, but no reader of its names. Clipping is Burn's own,
//! which looks at each tensor by itself.

mod model;

use burn::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use compare_job::{Job, PaddedBatch, Record, Update, tokenise};
use model::Classifier;

/// What the model takes of a batch.
struct Input {
    ids: Tensor<2, Int>,
    is_padding: Tensor<2, Bool>,
    labels: Tensor<1, Int>,
}

impl Input {
    fn new(batch: &PaddedBatch, device: &Device) -> Self {
        let shape = [batch.rows, batch.length];
        let ids: Vec<i64> = batch.ids.iter().map(|id| i64::from(*id)).collect();
        let is_padding: Vec<bool> = batch.is_token.iter().map(|is_token| !is_token).collect();
        let labels: Vec<i64> = batch.labels.iter().map(|label| i64::from(*label)).collect();
        Self {
            ids: Tensor::from_data(TensorData::new(ids, shape), device),
            is_padding: Tensor::from_data(TensorData::new(is_padding, shape), device),
            labels: Tensor::from_data(TensorData::new(labels, [batch.rows]), device),
        }
    }
}

fn main() -> compare_job::Result<()> {
    let job = Job::of_this_process()?;
    let device = Device::flex().autodiff();
    device.seed(job.seed);
    let rows = tokenise(&job)?;
    let mut model = Classifier::new(&device, f64::from(job.dropout));
    let mut optimizer = AdamWConfig::new()
        .with_weight_decay(0.0)
        .with_epsilon(1e-8)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut record = Record::default();
    for (update, batch) in job.batches.iter().enumerate() {
        let batch = PaddedBatch::new(&rows, batch);
        let loss = model.loss(Input::new(&batch, &device));
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimizer.step(job.learning_rate(update), model, gradients);
        record.updates.push(Update::ending_now(f64::from(loss.into_scalar::<f32>()), Some(batch.tokens())));
    }
    record.write(&job.record)
}
