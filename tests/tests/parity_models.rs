//! Forward passes and every gradient of the BERT family equal those of transformers on the same weights.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::data::ClassLabel;
use trainer_core::loss::{self, Loss};
use trainer_core::model::{BertForSequenceClassification, Model, weights};
use trainer_core::tensor::random::Mode;
use trainer_tests::on_both_ways;

/// The reference in f32 is itself off by 2e-7 from f64.
const LOGITS: f32 = 5e-5;
const LOSS: f64 = 1e-5;
/// Relative to the norm of the tensor's gradient; the reference in f32 is off by 1e-6.
const GRADIENTS: f64 = 1e-4;
/// The gradient of a key bias is zero in exact arithmetic.
const ZERO_GRADIENT: f64 = 1e-6;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tone {
    Negative,
    Neutral,
    Positive,
}

impl ClassLabel for Tone {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["negative", "neutral", "positive"];
    const TYPE_NAME: &'static str = "Tone";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Negative, Self::Neutral, Self::Positive].get(index).copied()
    }
}

fn folder(model: &str) -> PathBuf {
    trainer_tests::fixtures().join("models").join(model)
}

fn json(model: &str, file: &str) -> Value {
    let text = std::fs::read_to_string(folder(model).join(file)).expect("the fixture is committed");
    serde_json::from_str(&text).expect("the fixture is JSON")
}

fn ids(values: &Value) -> Result<Tensor> {
    let rows: Vec<Vec<u32>> = serde_json::from_value(values.clone()).expect("rows of ids");
    Ok(Tensor::new(rows, &Device::Cpu)?)
}

fn batch(inputs: &Value, labels: Tensor) -> Result<Batch> {
    let mask = ids(&inputs["attention_mask"])?;
    let flat = mask.flatten_all()?.to_vec1::<u32>()?;
    let real = flat.iter().enumerate().filter(|(_, real)| **real == 1).map(|(place, _)| place as u32).collect();
    Ok(Batch {
        rows: (0..mask.dim(0)?).collect(),
        input_ids: Some(ids(&inputs["input_ids"])?),
        attention_mask: Some(mask),
        token_type_ids: Some(ids(&inputs["token_type_ids"])?),
        labels: Some(labels),
        real_tokens: Some(real),
        ..Batch::default()
    })
}

/// Checks both batches: logits, loss, gradient norm; returns the gradients of each batch.
fn check(
    name: &str,
    model: &impl Model,
    loss: &dyn Loss,
    labels: impl Fn(&Value) -> Result<Tensor>,
) -> Result<Vec<BTreeMap<String, Tensor>>> {
    let (inputs, expected) = (json(name, "inputs.json"), json(name, "expected.json"));
    let outputs = weights::read(&folder(name).join("outputs.safetensors"), &Device::Cpu)?;
    let mut all = Vec::new();
    for k in 0..2 {
        let inputs = &inputs[format!("batch{k}")];
        let batch = batch(inputs, labels(&inputs["labels"])?)?;
        let output = model.forward(&batch, Mode::Evaluate)?;
        let logits = &outputs[&format!("batch{k}.logits")];
        let difference = (&output.logits - logits)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(difference < LOGITS, "{name} batch {k}: logits differ by {difference}");
        let sum = loss.loss(&output, &batch)?;
        let mean = f64::from(sum.sum().to_scalar::<f32>()?) / sum.weight();
        let reference = expected["batches"][k]["loss_f64"].as_f64().expect("a loss");
        assert!((mean - reference).abs() < LOSS, "{name} batch {k}: loss {mean}, reference {reference}");
        let mut store = (sum.sum() / sum.weight())?.backward()?;
        let gradients = model.parameters().list().into_iter().map(|parameter| {
            let gradient = store.remove(&parameter.variable);
            (parameter.name.clone(), gradient.unwrap_or_else(|| panic!("`{}` has no gradient", parameter.name)))
        });
        let gradients: BTreeMap<String, Tensor> = gradients.collect();
        let norm = gradients.values().map(|gradient| norm(gradient).powi(2)).sum::<f64>().sqrt();
        let reference = expected["batches"][k]["grad_norm"].as_f64().expect("a norm");
        assert!((norm - reference).abs() < 1e-4 * reference, "{name} batch {k}: norm {norm}, reference {reference}");
        all.push(gradients);
    }
    Ok(all)
}

fn norm(tensor: &Tensor) -> f64 {
    let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>()).expect("a tensor of f32");
    values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn bert_for_classes_has_the_logits_and_every_gradient_of_transformers() -> Result<()> {
    on_both_ways(classes)
}

fn classes() -> Result<()> {
    let name = "bert-seqcls";
    let model = BertForSequenceClassification::<Tone>::from_pretrained(folder(name))?;
    let labels = |values: &Value| -> Result<Tensor> {
        let labels: Vec<u32> = serde_json::from_value(values.clone()).expect("classes");
        Ok(Tensor::new(labels, &Device::Cpu)?)
    };
    let gradients = check(name, &model, &loss::ce(), labels)?;
    let reference = weights::read(&folder(name).join("grads.safetensors"), &Device::Cpu)?;
    assert_eq!(reference.keys().collect::<Vec<_>>(), gradients[0].keys().collect::<Vec<_>>());
    for (parameter, reference) in &reference {
        let difference = norm(&(&gradients[0][parameter] - reference)?);
        let bound = if parameter.ends_with("key.bias") { ZERO_GRADIENT } else { GRADIENTS * norm(reference) };
        assert!(difference <= bound, "{parameter}: gradients differ by {difference}, allowed {bound}");
    }
    check_summaries(name, &gradients[1], 1);
    Ok(())
}

#[test]
fn bert_for_numbers_has_the_logits_and_every_gradient_of_transformers() -> Result<()> {
    on_both_ways(numbers)
}

fn numbers() -> Result<()> {
    let name = "bert-regression";
    let model = BertForSequenceClassification::<f32>::from_pretrained(folder(name))?;
    let labels = |values: &Value| -> Result<Tensor> {
        let labels: Vec<f32> = serde_json::from_value(values.clone()).expect("numbers");
        Ok(Tensor::new(labels, &Device::Cpu)?.unsqueeze(1)?)
    };
    let gradients = check(name, &model, &loss::mse(), labels)?;
    check_summaries(name, &gradients[0], 0);
    check_summaries(name, &gradients[1], 1);
    Ok(())
}

/// Norm, sum and first four elements of every gradient.
fn check_summaries(name: &str, gradients: &BTreeMap<String, Tensor>, k: usize) {
    let expected = json(name, "expected.json");
    let summaries = expected["batches"][k]["grads"].as_object().expect("a summary for each parameter");
    assert_eq!(summaries.len(), gradients.len());
    for (parameter, summary) in summaries {
        let number = |key: &str| summary[key].as_f64().expect("a number");
        let found = gradients[parameter].flatten_all().and_then(|flat| flat.to_vec1::<f32>()).expect("a tensor of f32");
        let bound = if parameter.ends_with("key.bias") { ZERO_GRADIENT } else { GRADIENTS * number("norm") };
        assert!((norm(&gradients[parameter]) - number("norm")).abs() <= bound, "{name} {parameter}: norm");
        for (index, reference) in summary["first4"].as_array().expect("four numbers").iter().enumerate() {
            let difference = (f64::from(found[index]) - reference.as_f64().expect("a number")).abs();
            assert!(difference <= bound, "{name} {parameter}[{index}] differs by {difference}");
        }
    }
}

#[test]
fn what_decays_is_what_hugging_face_decays() -> Result<()> {
    for name in ["bert-seqcls", "bert-regression"] {
        let expected = json(name, "expected.json");
        let names = |key: &str| -> Vec<String> { serde_json::from_value(expected[key].clone()).expect("names") };
        let parameters = match name {
            "bert-seqcls" => BertForSequenceClassification::<Tone>::from_pretrained(folder(name))?.parameters().list(),
            _ => BertForSequenceClassification::<f32>::from_pretrained(folder(name))?.parameters().list(),
        };
        let (decay, no_decay) = (names("decay"), names("no_decay"));
        assert_eq!(parameters.len(), decay.len() + no_decay.len());
        for parameter in parameters {
            assert_eq!(parameter.decays, decay.contains(&parameter.name), "{}", parameter.name);
        }
    }
    Ok(())
}
