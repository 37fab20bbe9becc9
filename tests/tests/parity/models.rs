//! Forward passes and every gradient of encoders equal those of transformers on the same weights.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::data::IGNORE;
use trainer_core::loss::{self, Loss, LossSum};
use trainer_core::model::{
    BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification, DistilBertForSequenceClassification,
    Model, Output, RobertaForSequenceClassification, weights,
};
use trainer_core::prelude::ClassLabel;
use trainer_core::tensor::random::Mode;
use trainer_tests::on_both_ways;

/// The reference in f32 is itself off by 2e-7 from f64.
const LOGITS: f32 = 5e-5;
const LOSS: f64 = 1e-5;
/// Relative to the norm of the tensor's gradient; the reference in f32 is off by 1e-6.
const GRADIENTS: f64 = 1e-4;
/// The gradient of a key bias is zero in exact arithmetic.
const ZERO_GRADIENT: f64 = 1e-6;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Tone {
    Negative,
    Neutral,
    Positive,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Topic {
    Food,
    Travel,
    Tech,
    Work,
    Weather,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Tag {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-PER")]
    BeginPerson,
    #[label(name = "I-PER")]
    InPerson,
    #[label(name = "B-LOC")]
    BeginPlace,
    #[label(name = "I-LOC")]
    InPlace,
    #[label(name = "B-ORG")]
    BeginOrganisation,
    #[label(name = "I-ORG")]
    InOrganisation,
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
        token_type_ids: inputs.get("token_type_ids").map(ids).transpose()?,
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
        for (what, found, reference) in compared(&output, &batch, &outputs, k)? {
            let difference = (found - reference)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
            assert!(difference < LOGITS, "{name} batch {k}: {what} differ by {difference}");
        }
        let sum = loss_of(model, loss, &output, &batch)?;
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

/// What a model gives beside what the reference gives: logits, or where there is one for each id of the vocabulary what they
/// come to at each token, and those of a few tokens.
fn compared(
    output: &Output,
    batch: &Batch,
    outputs: &BTreeMap<String, Tensor>,
    k: usize,
) -> Result<Vec<(&'static str, Tensor, Tensor)>> {
    let reference = |what: &str| outputs.get(&format!("batch{k}.{what}"));
    let mask = batch.attention_mask()?.to_dtype(DType::F32)?;
    let logits = &output.logits;
    if let Some(reference) = reference("logits") {
        let reference = match reference.rank() {
            3 => reference.broadcast_mul(&mask.unsqueeze(2)?)?,
            _ => reference.clone(),
        };
        return Ok(vec![("logits", logits.clone(), reference)]);
    }
    let log_sum_exp = logits.log_sum_exp(2)?;
    let labels = batch.labels()?;
    let has_label = labels.ne(IGNORE)?.to_dtype(DType::F32)?;
    let indices = (labels * labels.ne(IGNORE)?.to_dtype(DType::U32)?)?.unsqueeze(2)?;
    let log_probability = (logits.contiguous()?.gather(&indices, 2)?.squeeze(2)? - &log_sum_exp)?;
    let expected = |what: &str| reference(what).expect("the fixture has it").clone();
    let mut all = vec![
        ("sums of exponentials", (log_sum_exp * &mask)?, (expected("logsumexp") * &mask)?),
        ("log probabilities", (log_probability * has_label)?, expected("token_logprob")),
    ];
    if let Some(first) = reference("logits_row0_first8") {
        all.push(("logits of the first tokens", logits.get(0)?.narrow(0, 0, 8)?, first.clone()));
    }
    Ok(all)
}

/// The loss as training computes it: of rows of the vocabulary if the model gives them, of one item for each label else.
fn loss_of(model: &impl Model, loss: &dyn Loss, output: &Output, batch: &Batch) -> Result<LossSum> {
    if let Some(rows) = model.vocabulary_rows(batch, Mode::Evaluate)? {
        let labelled = batch.labels()?.to_vec2::<u32>()?;
        let counts: Vec<usize> =
            labelled.iter().map(|row| row.iter().filter(|label| **label != IGNORE).count()).collect();
        assert_eq!(batch.labels_of_examples()?, counts);
        assert_eq!(rows.hidden.dim(0)?, counts.iter().sum::<usize>());
        return loss::linear_cross_entropy(&rows.hidden, &rows.weight, rows.bias.as_ref(), &rows.labels, 0.0);
    }
    if output.logits.rank() == 2 {
        return loss.loss(output, batch);
    }
    let labels = batch.labels()?.flatten_all()?;
    let logits = output.logits.reshape((labels.elem_count(), ()))?;
    loss.loss(&Output { logits }, &Batch { labels: Some(labels), ..batch.clone() })
}

fn norm(tensor: &Tensor) -> f64 {
    let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>()).expect("a tensor of f32");
    values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

/// Compares with a reference that has every gradient of the first batch as a tensor.
fn check_every_gradient(name: &str, model: &impl Model, labels: impl Fn(&Value) -> Result<Tensor>) -> Result<()> {
    let gradients = check(name, model, &loss::ce(), labels)?;
    let reference = weights::read(&folder(name).join("grads.safetensors"), &Device::Cpu)?;
    assert_eq!(reference.keys().collect::<Vec<_>>(), gradients[0].keys().collect::<Vec<_>>());
    for (parameter, reference) in &reference {
        let difference = norm(&(&gradients[0][parameter] - reference)?);
        let bound = if is_zero(parameter) { ZERO_GRADIENT } else { GRADIENTS * norm(reference) };
        assert!(difference <= bound, "{name} {parameter}: gradients differ by {difference}, allowed {bound}");
    }
    check_summaries(name, &gradients[1], 1);
    Ok(())
}

/// Whether a gradient is zero in exact arithmetic.
fn is_zero(parameter: &str) -> bool {
    ["key.bias", "k_lin.bias"].iter().any(|end| parameter.ends_with(end))
}

fn classes(values: &Value) -> Result<Tensor> {
    let labels: Vec<u32> = serde_json::from_value(values.clone()).expect("classes");
    Ok(Tensor::new(labels, &Device::Cpu)?)
}

fn labels_of_tokens(values: &Value) -> Result<Tensor> {
    let rows: Vec<Vec<i64>> = serde_json::from_value(values.clone()).expect("rows of labels");
    let label = |label: i64| u32::try_from(label).unwrap_or(IGNORE);
    let rows: Vec<Vec<u32>> = rows.into_iter().map(|row| row.into_iter().map(label).collect()).collect();
    Ok(Tensor::new(rows, &Device::Cpu)?)
}

/// Every gradient of a model in a folder.
macro_rules! models {
    ($($test:ident: $name:literal $model:ty, $labels:ident;)+) => {
        $(#[test]
        fn $test() -> Result<()> {
            on_both_ways(|| check_every_gradient($name, &<$model>::from_pretrained(folder($name))?, $labels))
        })+
    };
}

models! {
    bert_for_classes_has_the_logits_and_every_gradient_of_transformers:
        "bert-seqcls" BertForSequenceClassification<Tone>, classes;
    bert_for_tags_has_the_logits_and_every_gradient_of_transformers:
        "bert-tokcls" BertForTokenClassification<Tag>, labels_of_tokens;
    bert_for_masked_tokens_has_the_logits_and_every_gradient_of_transformers:
        "bert-mlm" BertForMaskedLM, labels_of_tokens;
    roberta_for_classes_has_the_logits_and_every_gradient_of_transformers:
        "roberta-seqcls" RobertaForSequenceClassification<Tone>, classes;
    distilbert_for_classes_has_the_logits_and_every_gradient_of_transformers:
        "distilbert-seqcls" DistilBertForSequenceClassification<Tone>, classes;
}

#[test]
fn bert_for_several_classes_has_the_logits_and_every_gradient_of_transformers() -> Result<()> {
    on_both_ways(|| {
        let name = "bert-multilabel";
        let model = BertForSequenceClassification::<Vec<Topic>>::from_pretrained(folder(name))?;
        let labels = |values: &Value| -> Result<Tensor> {
            let rows: Vec<Vec<f32>> = serde_json::from_value(values.clone()).expect("rows of flags");
            Ok(Tensor::new(rows, &Device::Cpu)?)
        };
        let gradients = check(name, &model, &loss::bce(), labels)?;
        check_summaries(name, &gradients[0], 0);
        check_summaries(name, &gradients[1], 1);
        Ok(())
    })
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
        let bound = if is_zero(parameter) { ZERO_GRADIENT } else { GRADIENTS * number("norm") };
        assert!((norm(&gradients[parameter]) - number("norm")).abs() <= bound, "{name} {parameter}: norm");
        for (index, reference) in summary["first4"].as_array().expect("four numbers").iter().enumerate() {
            let difference = (f64::from(found[index]) - reference.as_f64().expect("a number")).abs();
            assert!(difference <= bound, "{name} {parameter}[{index}] differs by {difference}");
        }
    }
}

/// That the two groups of weight decay are Python's.
fn check_decay(name: &str, model: &impl Model) {
    let expected = json(name, "expected.json");
    let names = |key: &str| -> Vec<String> { serde_json::from_value(expected[key].clone()).expect("names") };
    let (decay, no_decay) = (names("decay"), names("no_decay"));
    let parameters = model.parameters().list();
    assert_eq!(parameters.len(), decay.len() + no_decay.len(), "{name}");
    for parameter in parameters {
        assert_eq!(parameter.decays, decay.contains(&parameter.name), "{name} {}", parameter.name);
    }
}

#[test]
fn what_decays_is_what_hugging_face_decays() -> Result<()> {
    check_decay("bert-seqcls", &BertForSequenceClassification::<Tone>::from_pretrained(folder("bert-seqcls"))?);
    check_decay("bert-regression", &BertForSequenceClassification::<f32>::from_pretrained(folder("bert-regression"))?);
    check_decay("bert-tokcls", &BertForTokenClassification::<Tag>::from_pretrained(folder("bert-tokcls"))?);
    check_decay("bert-mlm", &BertForMaskedLM::from_pretrained(folder("bert-mlm"))?);
    check_decay(
        "roberta-seqcls",
        &RobertaForSequenceClassification::<Tone>::from_pretrained(folder("roberta-seqcls"))?,
    );
    let distilbert = DistilBertForSequenceClassification::<Tone>::from_pretrained(folder("distilbert-seqcls"))?;
    check_decay("distilbert-seqcls", &distilbert);
    Ok(())
}
