//! Forward passes and every gradient of causal language models equal those of transformers on the same weights.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candle_core::{D, Device, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::loss::{self, IGNORE, Loss, LossSum};
use trainer_core::model::{AutoModelForCausalLM, GPT2LMHeadModel, LlamaForCausalLM, Model, Output, weights};
use trainer_core::nn;
use trainer_core::tensor::random::Mode;
use trainer_tests::on_both_ways;

/// Absolute; the reference in f32 is itself off by 4e-6 from f64.
const LOGITS: f32 = 5e-5;
const LOSS: f64 = 1e-5;
/// Relative to the norm of the tensor's gradient; the reference in f32 is off by 1e-6.
const GRADIENTS: f64 = 1e-4;
/// The gradient of a key bias without rotary positions is zero in exact arithmetic.
const ZERO_GRADIENT: f64 = 1e-6;

fn folder(model: &str) -> PathBuf {
    trainer_tests::fixtures().join("models").join(model)
}

fn json(model: &str, file: &str) -> Value {
    trainer_tests::json(&format!("models/{model}/{file}"))
}

fn rows(values: &Value) -> Vec<Vec<i64>> {
    serde_json::from_value(values.clone()).expect("rows of whole numbers")
}

/// The reference's batch; its labels are the tokens themselves, so they move to where their scores are.
fn batch(inputs: &Value) -> Result<Batch> {
    let (ids, mask, labels) = (rows(&inputs["input_ids"]), rows(&inputs["attention_mask"]), rows(&inputs["labels"]));
    let tensor = |rows: &[Vec<i64>]| -> Result<Tensor> {
        let rows: Vec<Vec<u32>> =
            rows.iter().map(|row| row.iter().map(|id| u32::try_from(*id).unwrap_or(IGNORE)).collect()).collect();
        Ok(Tensor::new(rows, &Device::Cpu)?)
    };
    let shifted: Vec<Vec<i64>> =
        labels.iter().map(|row| row.iter().skip(1).copied().chain(std::iter::once(-100)).collect()).collect();
    let real = mask.iter().flatten().enumerate().filter(|(_, real)| **real == 1).map(|(place, _)| place as u32);
    Ok(Batch {
        rows: (0..ids.len()).collect(),
        input_ids: Some(tensor(&ids)?),
        attention_mask: Some(tensor(&mask)?),
        labels: Some(tensor(&shifted)?),
        real_tokens: Some(real.collect()),
        ..Batch::default()
    })
}

/// The greatest difference where the mask is 1; `[batch, length]` each.
fn distance(found: &Tensor, expected: &Tensor, mask: &Tensor) -> Result<f32> {
    let mask = mask.to_dtype(found.dtype())?;
    Ok((found - expected)?.abs()?.mul(&mask)?.max_all()?.to_scalar::<f32>()?)
}

/// Scores against what the reference gives of them; padding has none.
fn scores_agree(name: &str, k: usize, batch: &Batch, logits: &Tensor) -> Result<()> {
    let outputs = weights::read(&folder(name).join("outputs.safetensors"), &Device::Cpu)?;
    let mask = batch.attention_mask()?;
    let logarithm = logits.log_sum_exp(D::Minus1)?;
    let difference = distance(&logarithm, &outputs[&format!("batch{k}.logsumexp")], mask)?;
    assert!(difference < LOGITS, "{name} batch {k}: the sum of scores differs by {difference}");
    let log_probabilities = nn::log_softmax(logits)?;
    let next = rows_of_next(batch)?;
    let of_next = log_probabilities.gather(&next.unsqueeze(2)?, D::Minus1)?.squeeze(2)?;
    let labels = batch.labels()?.ne(IGNORE)?;
    let expected = &outputs[&format!("batch{k}.token_logprob")];
    let difference = distance(&of_next, expected, &labels)?;
    assert!(difference < LOGITS, "{name} batch {k}: the next token's probability differs by {difference}");
    if let Some(expected) = outputs.get(&format!("batch{k}.logits_row0_first8")) {
        let found = logits.get(0)?.narrow(0, 0, 8)?;
        let difference = (found - expected)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(difference < LOGITS, "{name} batch {k}: scores differ by {difference}");
    }
    let padding = (1.0 - mask.to_dtype(logits.dtype())?)?.unsqueeze(2)?;
    let largest = logits.broadcast_mul(&padding)?.abs()?.max_all()?.to_scalar::<f32>()?;
    assert_eq!(largest.to_bits(), 0, "padding has no scores");
    Ok(())
}

/// The next token of each place; the first id where there is none.
fn rows_of_next(batch: &Batch) -> Result<Tensor> {
    let labels: Vec<Vec<u32>> = batch.labels()?.to_vec2()?;
    let labels: Vec<Vec<u32>> =
        labels.iter().map(|row| row.iter().map(|id| if *id == IGNORE { 0 } else { *id }).collect()).collect();
    Ok(Tensor::new(labels, &Device::Cpu)?)
}

fn gradients(model: &impl Model, sum: &LossSum) -> Result<BTreeMap<String, Tensor>> {
    let mut store = (sum.sum() / sum.weight())?.backward()?;
    let gradients = model.parameters().list().into_iter().map(|parameter| {
        let gradient = store.remove(&parameter.variable);
        (parameter.name.clone(), gradient.unwrap_or_else(|| panic!("`{}` has no gradient", parameter.name)))
    });
    Ok(gradients.collect())
}

fn norm(tensor: &Tensor) -> f64 {
    let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>()).expect("a tensor of f32");
    values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

/// A gradient against the reference's; in GPT-2's bias of queries, keys and values the middle third is zero in exact arithmetic.
fn gradient_agrees(name: &str, found: &Tensor, expected: &Tensor) -> Result<()> {
    // Files of GPT-2 hold the weights of its blocks the other way round.
    let expected = if found.dims() == expected.dims() && !name.contains(".c_") || expected.rank() == 1 {
        expected.clone()
    } else {
        expected.t()?
    };
    let parts = if name.ends_with("c_attn.bias") { 3 } else { 1 };
    let size = found.dim(0)? / parts;
    for part in 0..parts {
        let (found, expected) = (found.narrow(0, part * size, size)?, expected.narrow(0, part * size, size)?);
        let bound = if part == 1 { ZERO_GRADIENT } else { GRADIENTS * norm(&expected) };
        let difference = norm(&(found - expected)?);
        assert!(difference <= bound, "{name}: gradients differ by {difference}, allowed {bound}");
    }
    Ok(())
}

fn check(name: &str, model: &impl Model) -> Result<()> {
    let (inputs, expected) = (json(name, "inputs.json"), json(name, "expected.json"));
    let reference = weights::read(&folder(name).join("grads.safetensors"), &Device::Cpu)?;
    for k in 0..2 {
        let batch = batch(&inputs[format!("batch{k}")])?;
        let logits = model.forward(&batch, Mode::Evaluate)?.logits;
        scores_agree(name, k, &batch, &logits)?;
        let rows = model.vocabulary_rows(&batch, Mode::Evaluate)?.expect("the head is over the vocabulary");
        assert_eq!(rows.labels.to_vec1::<u32>()?, labels_that_count(&batch)?);
        assert_eq!(rows.hidden.dim(0)?, rows.labels.dim(0)?, "only rows with a label are given");
        let by_rows = loss::linear_cross_entropy(&rows.hidden, &rows.weight, rows.bias.as_ref(), &rows.labels, 0.0)?;
        // The same from all scores at once.
        let flat = Batch { rows: Vec::new(), labels: Some(batch.labels()?.flatten_all()?), ..Batch::default() };
        let by_scores = loss::ce().loss(&Output { logits: logits.flatten(0, 1)? }, &flat)?;
        for sum in [&by_rows, &by_scores] {
            let mean = f64::from(sum.sum().to_scalar::<f32>()?) / sum.weight();
            let loss = expected["batches"][k]["loss_f64"].as_f64().expect("a loss");
            assert!((mean - loss).abs() < LOSS, "{name} batch {k}: loss {mean}, reference {loss}");
            let found = gradients(model, sum)?;
            let total = found.values().map(|gradient| norm(gradient).powi(2)).sum::<f64>().sqrt();
            let whole = expected["batches"][k]["grad_norm"].as_f64().expect("a norm");
            assert!((total - whole).abs() < 1e-4 * whole, "{name} batch {k}: norm {total}, reference {whole}");
            if k == 0 {
                assert_eq!(found.keys().collect::<Vec<_>>(), reference.keys().collect::<Vec<_>>());
                for (parameter, expected) in &reference {
                    gradient_agrees(parameter, &found[parameter], expected)?;
                }
            }
        }
    }
    Ok(())
}

/// The labels of a batch that count, in their order.
fn labels_that_count(batch: &Batch) -> Result<Vec<u32>> {
    let labels = batch.labels()?.flatten_all()?.to_vec1::<u32>()?;
    Ok(labels.into_iter().filter(|label| *label != IGNORE).collect())
}

#[test]
fn gpt2_has_the_scores_and_every_gradient_of_transformers() -> Result<()> {
    on_both_ways(|| check("gpt2-lm", &GPT2LMHeadModel::from_pretrained(folder("gpt2-lm"))?))
}

#[test]
fn llama_has_the_scores_and_every_gradient_of_transformers() -> Result<()> {
    on_both_ways(|| check("llama-untied", &LlamaForCausalLM::from_pretrained(folder("llama-untied"))?))
}

#[test]
fn qwen2_has_the_scores_and_every_gradient_of_transformers() -> Result<()> {
    on_both_ways(|| check("qwen2-tied", &LlamaForCausalLM::from_pretrained(folder("qwen2-tied"))?))
}

#[test]
fn the_model_that_the_file_names_is_taken() -> Result<()> {
    for name in ["gpt2-lm", "llama-untied", "qwen2-tied"] {
        check(name, &AutoModelForCausalLM::from_pretrained(folder(name))?)?;
    }
    Ok(())
}

#[test]
fn what_decays_is_what_hugging_face_decays() -> Result<()> {
    for name in ["gpt2-lm", "llama-untied", "qwen2-tied"] {
        let expected = json(name, "expected.json");
        let names = |key: &str| -> Vec<String> { serde_json::from_value(expected[key].clone()).expect("names") };
        let (decay, no_decay) = (names("decay"), names("no_decay"));
        let parameters = AutoModelForCausalLM::from_pretrained(folder(name))?.parameters().list();
        assert_eq!(parameters.len(), decay.len() + no_decay.len());
        for parameter in parameters {
            assert_eq!(parameter.decays, decay.contains(&parameter.name), "{}", parameter.name);
        }
    }
    Ok(())
}
