//! Whole training runs of causal language models, with and without adapters, equal those of the reference; what is saved is
//! in Python's names and shapes.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::collate::{Collator, Item, ItemInput};
use trainer_core::data::Target;
use trainer_core::model::{GPT2LMHeadModel, LlamaForCausalLM, Model, PeftModel, weights};
use trainer_core::tensor::random::Mode;
use trainer_core::text::Encoding;
use trainer_core::train::number_from_json;
use trainer_core::{Result, Trainer};
use trainer_tests::language::{LanguageTrainer, NextToken};
use trainer_tests::{fixtures, json, on_both_ways};

/// Absolute; f32 against f64 differs by 3e-6 over a run.
const LOSS: f64 = 1e-4;
/// Relative; f32 against f64 differs by 8e-6.
const GRAD_NORM: f64 = 1e-4;
const LEARNING_RATE: f64 = 1e-12;
/// Absolute; the worst element of an f32 run is 1.4e-4 off.
const WEIGHTS: f64 = 5e-4;
/// Absolute, of scores without training between.
const LOGITS: f64 = 1e-5;

fn model_folder(run: &Value) -> std::path::PathBuf {
    let name = run["model"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    fixtures().join("models").join(name)
}

fn distance(one: &Tensor, other: &Tensor) -> Result<f64> {
    Ok(f64::from((one - other)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?))
}

/// Every update and evaluation of a run that has ended.
fn updates_agree<M: Model>(name: &str, trainer: &LanguageTrainer<M>, reference: &Value) {
    let watched = trainer.watch.lock().expect("the run has ended").clone();
    let expected = reference["updates"].as_array().expect("updates");
    assert_eq!(watched.updates.len(), expected.len(), "{name}: number of updates");
    for (update, expected) in watched.updates.iter().zip(expected) {
        let number = |key: &str| expected[key].as_f64().expect("a number");
        let (step, loss, norm) = (&expected["step"], number("loss"), number("grad_norm"));
        assert!((update.loss - loss).abs() < LOSS, "{name} update {step}: loss {}, reference {loss}", update.loss);
        let difference = (update.grad_norm - norm).abs() / norm;
        assert!(difference < GRAD_NORM, "{name} update {step}: norm {}, reference {norm}", update.grad_norm);
        assert!((update.learning_rate - number("learning_rate")).abs() < LEARNING_RATE, "{name} update {step}");
    }
    let history = trainer.state().log_history;
    let found = history.iter().filter_map(|entry| entry.get("eval_loss").and_then(number_from_json));
    let found: Vec<f64> = found.collect();
    let exact = |entry: &Value| entry["eval_loss_exact"].as_f64();
    let all: Vec<f64> = reference["evals"].as_array().into_iter().flatten().filter_map(exact).collect();
    // Where the reference's own evaluations are wrong, the last one is computed again.
    let last = reference["final_eval_loss_exact"].as_f64();
    let expected = if all.is_empty() { last.into_iter().collect() } else { all };
    assert!(!expected.is_empty() && found.len() == 3, "{name}: {found:?}");
    for (found, expected) in found.iter().rev().zip(expected.iter().rev()) {
        assert!((found - expected).abs() < LOSS, "{name}: eval_loss {found}, reference {expected}");
    }
}

/// What is saved against the weights at the end of the reference's run, by the names and in the shapes of its files.
fn saved_weights_agree(name: &str, saved: &BTreeMap<String, Tensor>, reference: &Value) -> Result<()> {
    let expected = reference["final_weights"].as_object().expect("weights");
    let own = |name: &String| name.replace("_vector.default.weight", "_vector").replace(".default", "");
    let mut names: Vec<String> = expected.keys().map(own).collect();
    names.sort();
    assert_eq!(saved.keys().cloned().collect::<Vec<_>>(), names, "{name}");
    let path = fixtures().join(format!("training/{name}/final.safetensors"));
    let whole = if path.is_file() { weights::read(&path, &Device::Cpu)? } else { BTreeMap::new() };
    let without_gradient = |parameter: &String| reference["zero_gradient_elements"].get(parameter).is_some();
    for (parameter, summary) in expected.iter().filter(|(parameter, _)| !without_gradient(parameter)) {
        let value = &saved[&own(parameter)];
        let found = value.flatten_all()?.to_vec1::<f32>()?;
        for (found, expected) in found.iter().zip(summary["first4"].as_array().expect("four numbers")) {
            let difference = (f64::from(*found) - expected.as_f64().expect("a number")).abs();
            assert!(difference < WEIGHTS, "{name} {parameter} differs by {difference}");
        }
        let norm = found.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        let expected = summary["norm"].as_f64().expect("a number");
        assert!((norm - expected).abs() < WEIGHTS * expected.max(1.0), "{name} {parameter}: norm {norm}, {expected}");
        if let Some(expected) = whole.get(parameter) {
            let difference = distance(value, expected)?;
            assert!(difference < WEIGHTS, "{name} {parameter} differs by {difference}");
        }
    }
    Ok(())
}

fn run<M: Model>(name: &str, load: impl Fn(&Path) -> Result<M>) -> Result<()> {
    on_both_ways(|| {
        let (reference, folder) = (json(&format!("training/{name}/run.json")), tempfile::tempdir()?);
        let mut trainer = LanguageTrainer::new(load(&model_folder(&reference))?, &reference, folder.path());
        trainer.train()?;
        updates_agree(name, &trainer, &reference);
        let saved = folder.path().join("final");
        trainer.save_model(&saved)?;
        let values = weights::read(&saved.join("model.safetensors"), &Device::Cpu)?;
        saved_weights_agree(name, &values, &reference)?;
        let back = load(&saved)?;
        for (name, value) in trainer.model.parameters().values() {
            let parameter = back.parameters().get(&name).expect("the same parameters");
            assert!(distance(&value, &parameter.variable)? == 0.0, "{name} is read back as it was");
        }
        Ok(())
    })
}

#[test]
fn gpt2_learns_as_the_reference() -> Result<()> {
    run("j-gpt2", |folder| GPT2LMHeadModel::from_pretrained(folder))
}

#[test]
fn llama_learns_as_the_reference() -> Result<()> {
    run("j-llama", |folder| LlamaForCausalLM::from_pretrained(folder))
}

#[test]
fn llama_learns_in_micro_batches_as_the_reference() -> Result<()> {
    run("c-ga4-llama", |folder| LlamaForCausalLM::from_pretrained(folder))
}

#[test]
fn qwen2_learns_as_the_reference() -> Result<()> {
    run("j-qwen2", |folder| LlamaForCausalLM::from_pretrained(folder))
}

/// The scores of the first ids at the first four tokens of the first evaluation row, against what the reference gives at a stage.
fn scores_agree<M: Model>(trainer: &LanguageTrainer<M>, reference: &Value, stage: &str) -> Result<()> {
    let item = |row: usize| -> Result<Item> {
        let input = ItemInput::Tokens(Encoding::from_tokens(&trainer.eval[row].input_ids, None, None)?);
        Ok(Item { row, input, target: Target::None })
    };
    let items: Vec<Item> = (0..4).map(item).collect::<Result<_>>()?;
    let batch = NextToken.collate(&items.iter().collect::<Vec<_>>(), None)?;
    let logits = trainer.model.forward(&batch, Mode::Evaluate)?.logits;
    let expected: Vec<Vec<f32>> =
        serde_json::from_value(reference["adapter_check"][stage]["logits[0,:4]"].clone()).expect("scores");
    let expected = Tensor::new(expected, &Device::Cpu)?;
    // The reference keeps the scores of the first ids alone.
    let found = logits.get(0)?.narrow(0, 0, expected.dim(0)?)?.narrow(1, 0, expected.dim(1)?)?;
    let difference = distance(&found, &expected)?;
    assert!(difference < LOGITS, "{stage}: scores differ by {difference}");
    Ok(())
}

fn run_with_adapters<M: Model>(name: &str, load: impl Fn(&Path) -> Result<M>) -> Result<()> {
    let path = fixtures().join("peft").join(name);
    on_both_ways(|| {
        let (reference, folder) = (json(&format!("peft/{name}/run.json")), tempfile::tempdir()?);
        let mut trainer = LanguageTrainer::new(load(&model_folder(&reference))?, &reference, folder.path());
        let before = trainer.model.parameters().values();
        let before: BTreeMap<String, Tensor> =
            before.into_iter().map(|(name, value)| Ok((name, value.copy()?))).collect::<Result<_>>()?;
        trainer.model.load_adapter(path.join("adapter_init"))?;
        scores_agree(&trainer, &reference, "base")?;
        trainer.train()?;
        updates_agree(name, &trainer, &reference);
        let after = trainer.model.parameters().values();
        for (name, value) in &before {
            assert!(distance(value, &after[name])? == 0.0, "{name} is frozen and was changed");
        }
        let saved = folder.path().join("adapter");
        trainer.save_model(&saved)?;
        let values = weights::read(&saved.join("adapter_model.safetensors"), &Device::Cpu)?;
        saved_weights_agree(name, &values, &reference)?;
        adapters_merge(name, &path, &reference, &load)
    })
}

/// The reference's adapters give its scores, are saved as it saves them, and merge into its weights.
fn adapters_merge<M: Model>(
    name: &str,
    path: &Path,
    reference: &Value,
    load: impl Fn(&Path) -> Result<M>,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trainer = LanguageTrainer::new(load(&model_folder(reference))?, reference, folder.path());
    trainer.model.load_adapter(path.join("adapter_final"))?;
    scores_agree(&trainer, reference, "adapted")?;
    let saved = folder.path().join("adapter");
    trainer.save_model(&saved)?;
    let config = |folder: &Path| -> Value {
        let text = std::fs::read_to_string(folder.join("adapter_config.json")).expect("it is there");
        serde_json::from_str(&text).expect("it is JSON")
    };
    let (ours, theirs) = (config(&saved), config(&path.join("adapter_final")));
    for key in ["fan_in_fan_out", "r", "lora_alpha", "use_dora", "use_rslora", "task_type"] {
        assert_eq!(ours[key], theirs[key], "{name}: {key}");
    }
    trainer.model.merge_adapter()?;
    scores_agree(&trainer, reference, "merged")?;
    let merged = folder.path().join("merged");
    trainer.save_model(&merged)?;
    let values = weights::read(&merged.join("model.safetensors"), &Device::Cpu)?;
    let sample = weights::read(&path.join("merged_sample.safetensors"), &Device::Cpu)?;
    let mut compared = 0;
    for (parameter, expected) in sample.iter().filter_map(|(name, value)| Some((name.strip_prefix("merged/")?, value)))
    {
        let difference = distance(&values[parameter], expected)?;
        assert!(difference < 1e-6, "{name} {parameter} differs by {difference}");
        compared += 1;
    }
    assert!(compared > 0, "{name}: the reference has merged weights");
    Ok(())
}

#[test]
fn adapters_of_llama_learn_as_the_reference() -> Result<()> {
    run_with_adapters("m-lora-llama", |folder| LlamaForCausalLM::from_pretrained(folder))
}

#[test]
fn adapters_of_llama_on_all_layers_learn_as_the_reference() -> Result<()> {
    run_with_adapters("m-rslora-llama", |folder| LlamaForCausalLM::from_pretrained(folder))
}

#[test]
fn adapters_of_llama_with_trained_lengths_learn_as_the_reference() -> Result<()> {
    run_with_adapters("m-dora-llama", |folder| LlamaForCausalLM::from_pretrained(folder))
}

#[test]
fn adapters_of_gpt2_on_its_joint_layer_learn_as_the_reference() -> Result<()> {
    run_with_adapters("m-lora-gpt2", |folder| GPT2LMHeadModel::from_pretrained(folder))
}
