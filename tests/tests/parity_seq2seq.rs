//! Encoder-decoder models: scores, losses and every gradient equal those of transformers on the same weights.

#[path = "parity_seq2seq/saving.rs"]
mod saving;
#[path = "parity_seq2seq/writing.rs"]
mod writing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use candle_core::{D, DType, Device, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::loss::{IGNORE, linear_cross_entropy};
use trainer_core::model::{BartForConditionalGeneration, MarianMTModel, Model, T5ForConditionalGeneration, weights};
use trainer_core::tensor::random::Mode;
use trainer_tests::on_both_ways;

/// The reference in f32 is itself off by 6e-6 from f64.
const LOGITS: f32 = 5e-5;
const LOSS: f64 = 1e-5;
/// Relative to the norm of the tensor's gradient; the reference in f32 is off by 5e-6.
const GRADIENTS: f64 = 1e-4;
/// The gradient of a key bias is zero in exact arithmetic.
const ZERO_GRADIENT: f64 = 1e-6;

fn folder(model: &str) -> PathBuf {
    trainer_tests::fixtures().join("models").join(model)
}

fn json(model: &str, file: &str) -> Value {
    trainer_tests::json(&format!("models/{model}/{file}"))
}

fn ids(values: &Value) -> Result<Tensor> {
    let rows: Vec<Vec<i64>> = serde_json::from_value(values.clone()).expect("rows of ids");
    let ids = |row: &Vec<i64>| row.iter().map(|id| u32::try_from(*id).unwrap_or(IGNORE)).collect();
    Ok(Tensor::new(rows.iter().map(ids).collect::<Vec<Vec<u32>>>(), &Device::Cpu)?)
}

/// A batch of the fixture; with a mask, the decoder reads each row up to its last label.
fn batch(inputs: &Value, masks_target: bool) -> Result<Batch> {
    let mask = ids(&inputs["attention_mask"])?;
    let flat = mask.flatten_all()?.to_vec1::<u32>()?;
    let real = flat.iter().enumerate().filter(|(_, real)| **real == 1).map(|(place, _)| place as u32).collect();
    let labels = ids(&inputs["labels"])?;
    let decoder_mask = labels.ne(IGNORE)?.to_dtype(DType::U32)?;
    Ok(Batch {
        rows: (0..mask.dim(0)?).collect(),
        input_ids: Some(ids(&inputs["input_ids"])?),
        attention_mask: Some(mask),
        labels: Some(labels),
        decoder_input_ids: Some(ids(&inputs["decoder_input_ids"])?),
        decoder_attention_mask: masks_target.then_some(decoder_mask),
        real_tokens: Some(real),
        ..Batch::default()
    })
}

fn norm(tensor: &Tensor) -> f64 {
    let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>()).expect("a tensor of f32");
    values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

fn largest(tensor: &Tensor) -> Result<f32> {
    Ok(tensor.abs()?.max_all()?.to_scalar::<f32>()?)
}

/// The scores of every place: those of the first row and eight places, and of all places the logarithm of the sum of
/// exponentials and the logarithm of the label's probability.
fn check_scores(name: &str, model: &impl Model, batch: &Batch, k: usize) -> Result<()> {
    let outputs = weights::read(&folder(name).join("outputs.safetensors"), &Device::Cpu)?;
    let logits = model.forward(batch, Mode::Evaluate)?.logits;
    let labels = batch.labels()?;
    // What stands at padding is zeros here, and what the reference computed there.
    let real = match &batch.decoder_attention_mask {
        Some(mask) => mask.to_dtype(DType::F32)?,
        None => Tensor::ones(labels.shape(), DType::F32, &Device::Cpu)?,
    };
    let agree = |what: &str, difference: f32| {
        assert!(difference < LOGITS, "{name}, batch {k}: {what} differ by {difference}");
    };
    let sums = logits.log_sum_exp(D::Minus1)?;
    agree("sums", largest(&((&sums - &outputs[&format!("batch{k}.logsumexp")])? * &real)?)?);
    if k == 0 {
        let first = (logits.get(0)?.narrow(0, 0, 8)? - &outputs["batch0.logits_row0_first8"])?;
        agree("scores", largest(&first.broadcast_mul(&real.get(0)?.narrow(0, 0, 8)?.unsqueeze(1)?)?)?);
    }
    let labelled = labels.ne(IGNORE)?.to_dtype(DType::F32)?;
    let known =
        labels.broadcast_minimum(&Tensor::new(model.vocabulary_size().unwrap_or(1) as u32 - 1, &Device::Cpu)?)?;
    let of_labels = (logits.gather(&known.unsqueeze(2)?, 2)?.squeeze(2)? - sums)?;
    agree("shares", largest(&((of_labels - &outputs[&format!("batch{k}.token_logprob")])? * labelled)?)?);
    Ok(())
}

/// The loss of the rows that have a label, its gradient of every parameter, and the norm of all.
fn gradients(name: &str, model: &impl Model, batch: &Batch, k: usize) -> Result<BTreeMap<String, Tensor>> {
    let rows = model.vocabulary_rows(batch, Mode::Evaluate)?.expect("a model with a vocabulary's head");
    let sum = linear_cross_entropy(&rows.hidden, &rows.weight, rows.bias.as_ref(), &rows.labels, 0.0)?;
    let mean = f64::from(sum.sum().to_scalar::<f32>()?) / sum.weight();
    let expected = &json(name, "expected.json")["batches"][k];
    let reference = expected["loss_f64"].as_f64().expect("a loss");
    assert!((mean - reference).abs() < LOSS, "{name}, batch {k}: the loss is {mean}, expected {reference}");
    let mut store = (sum.sum() / sum.weight())?.backward()?;
    let trained = model.parameters().list().into_iter().filter(|parameter| parameter.trainable);
    let gradients: BTreeMap<String, Tensor> = trained
        .map(|parameter| {
            let gradient = store.remove(&parameter.variable);
            (parameter.name.clone(), gradient.unwrap_or_else(|| panic!("`{}` has no gradient", parameter.name)))
        })
        .collect();
    let all = gradients.values().map(|gradient| norm(gradient).powi(2)).sum::<f64>().sqrt();
    let reference = expected["grad_norm"].as_f64().expect("a norm");
    assert!((all - reference).abs() < 1e-4 * reference, "{name}, batch {k}: norm {all}, expected {reference}");
    Ok(gradients)
}

fn allowed(parameter: &str, norm: f64) -> f64 {
    if parameter.ends_with("k_proj.bias") { ZERO_GRADIENT } else { GRADIENTS * norm }
}

fn check(name: &str, model: &impl Model) -> Result<()> {
    let (inputs, expected) = (json(name, "inputs.json"), json(name, "expected.json"));
    for masks_target in [false, true] {
        let first = batch(&inputs["batch0"], masks_target)?;
        check_scores(name, model, &first, 0)?;
        let found = gradients(name, model, &first, 0)?;
        let reference = weights::read(&folder(name).join("grads.safetensors"), &Device::Cpu)?;
        assert_eq!(reference.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
        for (parameter, reference) in &reference {
            let (difference, bound) = (norm(&(&found[parameter] - reference)?), allowed(parameter, norm(reference)));
            assert!(difference <= bound, "{name}, {parameter}: gradients differ by {difference}, allowed {bound}");
        }
        let second = batch(&inputs["batch1"], masks_target)?;
        check_scores(name, model, &second, 1)?;
        let found = gradients(name, model, &second, 1)?;
        let summaries = expected["batches"][1]["grads"].as_object().expect("a summary for each parameter");
        assert_eq!(summaries.len(), found.len());
        for (parameter, summary) in summaries {
            let expected = summary["norm"].as_f64().expect("a number");
            let (difference, bound) = ((norm(&found[parameter]) - expected).abs(), allowed(parameter, expected));
            assert!(difference <= bound, "{name}, {parameter}: the norm differs by {difference}, allowed {bound}");
        }
    }
    Ok(())
}

/// Which parameters decay.
fn check_decay(name: &str, model: &impl Model) {
    let expected = json(name, "expected.json");
    let names = |key: &str| -> Vec<String> { serde_json::from_value(expected[key].clone()).expect("names") };
    let (decay, no_decay) = (names("decay"), names("no_decay"));
    let trained: Vec<_> = model.parameters().list().into_iter().filter(|parameter| parameter.trainable).collect();
    assert_eq!(trained.len(), decay.len() + no_decay.len());
    for parameter in trained {
        assert_eq!(parameter.decays, decay.contains(&parameter.name), "{}", parameter.name);
    }
}

#[test]
fn t5_with_a_tied_head_is_that_of_transformers() -> Result<()> {
    let model = T5ForConditionalGeneration::from_pretrained(folder("t5-relu"))?;
    check_decay("t5-relu", &model);
    on_both_ways(|| check("t5-relu", &model))
}

#[test]
fn t5_with_gates_and_a_head_of_its_own_is_that_of_transformers() -> Result<()> {
    let model = T5ForConditionalGeneration::from_pretrained(folder("t5-gated-gelu"))?;
    check_decay("t5-gated-gelu", &model);
    on_both_ways(|| check("t5-gated-gelu", &model))
}

#[test]
fn bart_is_that_of_transformers() -> Result<()> {
    let model = BartForConditionalGeneration::from_pretrained(folder("bart"))?;
    check_decay("bart", &model);
    on_both_ways(|| check("bart", &model))
}

/// Its decoder begins with the id of padding, whose row gets no gradient where it is read.
#[test]
fn marian_is_that_of_transformers() -> Result<()> {
    let model = MarianMTModel::from_pretrained(folder("marian"))?;
    check_decay("marian", &model);
    on_both_ways(|| check("marian", &model))
}
