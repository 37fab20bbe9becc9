//! Adapters equal PEFT's: how they begin, whole training runs, what is saved, and the merged weights.

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::collate::{Collator, Item, ItemInput, Padding};
use trainer_core::data::Target;
use trainer_core::loss::{self, Loss};
use trainer_core::model::{Lora, Model, PeftModel, weights};
use trainer_core::tensor::random::Mode;
use trainer_core::text::Encoding;
use trainer_core::train::number_from_json;
use trainer_core::{Result, Trainer};
use trainer_tests::reference::{ReferenceTrainer, Tone};
use trainer_tests::{fixtures, json, on_both_ways};

/// Absolute; f32 against f64 differs by 2e-7 over the run.
const LOSS: f64 = 1e-4;
/// Relative; f32 against f64 differs by 4e-7.
const GRAD_NORM: f64 = 1e-4;
const LEARNING_RATE: f64 = 1e-12;
/// Absolute.
const WEIGHTS: f64 = 5e-4;
/// Absolute, of logits without training between.
const LOGITS: f64 = 1e-5;
/// Absolute, of logits after a training run: weights differ by [`WEIGHTS`].
const TRAINED_LOGITS: f64 = 1e-3;

const FOLDER: &str = "peft/m-lora-bert";

fn reference() -> Value {
    json(&format!("{FOLDER}/run.json"))
}

fn trainer(output_dir: &std::path::Path) -> Result<ReferenceTrainer<Tone>> {
    ReferenceTrainer::new(&reference(), output_dir)
}

/// The greatest difference of two tensors.
fn distance(one: &Tensor, other: &Tensor) -> Result<f64> {
    Ok(f64::from((one - other)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?))
}

fn logits_of(check: &Value) -> Vec<Vec<f32>> {
    serde_json::from_value(check["logits"].clone()).expect("logits")
}

/// The logits of the first four rows, against what the reference gives for them.
fn agrees(trainer: &ReferenceTrainer<Tone>, stage: &str) -> Result<()> {
    let expected = logits_of(&reference()["adapter_check"][stage]);
    let found = trainer.predict(&trainer.eval)?.logits;
    let found = Tensor::new(found[..expected.len()].to_vec(), &Device::Cpu)?;
    let difference = distance(&found, &Tensor::new(expected, &Device::Cpu)?)?;
    assert!(difference < LOGITS, "{stage}: logits differ by {difference}");
    Ok(())
}

#[test]
fn a_run_with_adapters_equals_the_reference() -> Result<()> {
    on_both_ways(run_with_adapters)
}

fn run_with_adapters() -> Result<()> {
    let (reference, folder) = (reference(), tempfile::tempdir()?);
    let mut trainer = trainer(folder.path())?;
    trainer.model.load_adapter(fixtures().join(FOLDER).join("adapter_init"))?;
    agrees(&trainer, "base")?;
    let before = trainer.model.parameters().values();
    trainer.train()?;
    let watched = trainer.watch.lock().expect("the run has ended").clone();
    let expected = reference["updates"].as_array().expect("updates");
    assert_eq!(watched.updates.len(), expected.len());
    for (update, expected) in watched.updates.iter().zip(expected) {
        let number = |key: &str| expected[key].as_f64().expect("a number");
        let (step, loss, norm) = (&expected["step"], number("loss"), number("grad_norm"));
        assert!((update.loss - loss).abs() < LOSS, "update {step}: loss {}, reference {loss}", update.loss);
        let difference = (update.grad_norm - norm).abs() / norm;
        assert!(difference < GRAD_NORM, "update {step}: norm {}, reference {norm}", update.grad_norm);
        assert!((update.learning_rate - number("learning_rate")).abs() < LEARNING_RATE, "update {step}");
    }
    let evaluations = trainer.state().log_history;
    let evaluations: Vec<_> = evaluations.iter().filter(|entry| entry.contains_key("eval_loss")).collect();
    assert_eq!(evaluations.len(), 3);
    for (entry, expected) in evaluations.iter().zip(reference["evals"].as_array().expect("evaluations")) {
        let value = |key: &str| entry.get(key).and_then(number_from_json).expect("a logged number");
        assert!((value("eval_loss") - expected["eval_loss_exact"].as_f64().expect("a number")).abs() < LOSS);
        assert!((value("eval_accuracy") - expected["eval_accuracy"].as_f64().expect("a number")).abs() < 1e-9);
    }
    let (after, mut trained) = (trainer.model.parameters().values(), 0);
    let last = weights::read(&fixtures().join(FOLDER).join("adapter_final/adapter_model.safetensors"), &Device::Cpu)?;
    for (name, value) in &after {
        match last.get(&format!("base_model.model.{name}")) {
            Some(expected) => {
                let difference = distance(value, expected)?;
                assert!(difference < WEIGHTS, "{name} differs by {difference}");
                trained += 1;
            }
            None => assert!(distance(value, &before[name])? == 0.0, "{name} is frozen and was changed"),
        }
    }
    assert_eq!(trained, reference["trainable"].as_object().expect("names").len());
    let expected: Vec<Vec<f32>> = serde_json::from_value(reference["final_eval_logits"].clone()).expect("logits");
    let found = Tensor::new(trainer.predict(&trainer.eval)?.logits, &Device::Cpu)?;
    let difference = distance(&found, &Tensor::new(expected, &Device::Cpu)?)?;
    assert!(difference < TRAINED_LOGITS, "logits differ by {difference}");
    Ok(())
}

#[test]
fn the_reference_s_adapters_give_its_logits_and_merge_into_its_weights() -> Result<()> {
    on_both_ways(adapters_of_the_reference)
}

fn adapters_of_the_reference() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trainer = trainer(folder.path())?;
    trainer.model.load_adapter(fixtures().join(FOLDER).join("adapter_final"))?;
    agrees(&trainer, "adapted")?;
    trainer.model.merge_adapter()?;
    agrees(&trainer, "merged")?;
    let sample = weights::read(&fixtures().join(FOLDER).join("merged_sample.safetensors"), &Device::Cpu)?;
    let values = trainer.model.parameters().values();
    let merged = sample.iter().filter_map(|(name, value)| Some((name.strip_prefix("merged/")?, value)));
    let mut compared = 0;
    for (name, expected) in merged {
        let name = if values.contains_key(name) { name.to_owned() } else { format!("bert.{name}") };
        let difference = distance(&values[&name], expected)?;
        assert!(difference < 1e-6, "{name} differs by {difference}");
        compared += 1;
    }
    assert_eq!(compared, 1);
    assert!(values.keys().all(|name| !name.contains("lora_")), "the merged model is a plain one");
    assert!(trainer.model.parameters().list().iter().all(|parameter| parameter.trainable));
    Ok(())
}

#[test]
fn adapters_begin_as_the_reference_s_do() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trainer = trainer(folder.path())?;
    trainer.model.add_adapter(&Lora::new().r(4).alpha(16.0))?;
    let golden = weights::read(&fixtures().join(FOLDER).join("adapter_init/adapter_model.safetensors"), &Device::Cpu)?;
    let values = trainer.model.parameters().values();
    let adapters: Vec<&String> = golden.keys().filter(|name| name.contains("lora_")).collect();
    assert_eq!(adapters.len(), 8);
    for name in adapters {
        let ours = values[name.trim_start_matches("base_model.model.")].flatten_all()?.to_vec1::<f32>()?;
        let theirs = golden[name].flatten_all()?.to_vec1::<f32>()?;
        assert_eq!(values[name.trim_start_matches("base_model.model.")].dims(), golden[name].dims(), "{name}");
        let greatest = |values: &[f32]| values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let deviation = |values: &[f32]| (values.iter().map(|x| x * x).sum::<f32>() / values.len() as f32).sqrt();
        if name.contains("lora_B") {
            assert!(greatest(&ours) == 0.0 && greatest(&theirs) == 0.0, "{name}");
            continue;
        }
        // Uniform within 1 / sqrt(32) of zero: its deviation is that bound over the root of 3.
        let bound = 1.0 / 32f32.sqrt();
        for drawn in [&ours, &theirs] {
            assert!(greatest(drawn) <= bound && greatest(drawn) > 0.9 * bound, "{name}: {}", greatest(drawn));
            let share = deviation(drawn) * 3f32.sqrt() / bound;
            assert!((share - 1.0).abs() < 0.2, "{name}: deviation {share} of the expected");
        }
    }
    Ok(())
}

#[test]
fn what_is_saved_is_what_the_reference_saves() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trainer = trainer(folder.path())?;
    trainer.model.load_adapter(fixtures().join(FOLDER).join("adapter_final"))?;
    let saved = folder.path().join("adapter");
    trainer.save_model(&saved)?;
    let golden = weights::read(&fixtures().join(FOLDER).join("adapter_final/adapter_model.safetensors"), &Device::Cpu)?;
    let ours = weights::read(&saved.join("adapter_model.safetensors"), &Device::Cpu)?;
    assert_eq!(ours.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>());
    for (name, value) in &ours {
        assert!(distance(value, &golden[name])? == 0.0, "{name}");
    }
    let config = |folder: &std::path::Path| -> Value {
        let text = std::fs::read_to_string(folder.join("adapter_config.json")).expect("it was written");
        serde_json::from_str(&text).expect("it is JSON")
    };
    let (ours, theirs) = (config(&saved), config(&fixtures().join(FOLDER).join("adapter_final")));
    for (key, value) in ours.as_object().expect("an object") {
        match key.as_str() {
            "base_model_name_or_path" => assert!(value.as_str().is_some_and(|path| path.ends_with("bert-seqcls"))),
            "modules_to_save" => assert_eq!(*value, serde_json::json!(["classifier"])),
            _ => assert_eq!(Some(value), theirs.get(key), "{key}"),
        }
    }
    assert!(!saved.join("model.safetensors").exists(), "the base is not saved with its adapters");
    Ok(())
}

/// Absolute, relative to the norm of each gradient.
const GRADIENT: f64 = 1e-4;

#[test]
fn trained_row_lengths_give_the_reference_s_logits_gradients_and_merged_weights() -> Result<()> {
    on_both_ways(trained_row_lengths)
}

fn trained_row_lengths() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trainer = trainer(folder.path())?;
    let reference = fixtures().join("peft/dora-bert");
    let expected = weights::read(&reference.join("expected.safetensors"), &Device::Cpu)?;
    let part = |prefix: &'static str| {
        expected.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value)))
    };
    let parameters = trainer.model.parameters();
    trainer.model.add_adapter(&Lora::new().r(4).alpha(16.0).use_dora(true))?;
    let values = parameters.values();
    for (name, lengths) in part("first/") {
        assert!(distance(&values[&name], lengths)? < 1e-6, "{name}: as long as the rows are");
    }
    trainer.model.merge_adapter()?;
    let trainer = self::trainer(folder.path())?;
    let parameters = trainer.model.parameters();
    trainer.model.load_adapter(&reference)?;
    let inputs = json("models/bert-seqcls/inputs.json");
    let column = |key: &str| -> Vec<Vec<u32>> { serde_json::from_value(inputs["batch0"][key].clone()).expect(key) };
    let (ids, masks) = (column("input_ids"), column("attention_mask"));
    let labels: Vec<u32> = serde_json::from_value(inputs["batch0"]["labels"].clone()).expect("labels");
    let items: Vec<Item> = ids
        .iter()
        .zip(&masks)
        .zip(&labels)
        .enumerate()
        .map(|(row, ((ids, mask), label))| {
            let input = ItemInput::Tokens(Encoding::from_tokens(ids, Some(mask), None)?);
            Ok(Item { row, input, target: Target::Class(*label) })
        })
        .collect::<Result<_>>()?;
    let batch = Padding::new().pad_id(0).collate(&items.iter().collect::<Vec<_>>(), None)?;
    let output = trainer.model.forward(&batch, Mode::Evaluate)?;
    let difference = distance(&output.logits, &expected["logits"])?;
    assert!(difference < LOGITS, "logits differ by {difference}");
    let loss = loss::ce().loss(&output, &batch)?;
    let gradients = (loss.sum() / loss.weight())?.backward()?;
    let mut compared = 0;
    for (name, expected) in part("gradient/") {
        let parameter = parameters.get(&name).unwrap_or_else(|| panic!("{name} is a parameter"));
        let gradient = gradients.get(&parameter.variable).unwrap_or_else(|| panic!("{name} has a gradient"));
        let norm = f64::from(expected.sqr()?.sum_all()?.to_scalar::<f32>()?).sqrt();
        let difference = distance(gradient, expected)?;
        assert!(difference < GRADIENT * norm, "{name}: gradient differs by {difference}, norm {norm}");
        compared += 1;
    }
    assert_eq!(compared, 4 * 3 + 2);
    trainer.model.merge_adapter()?;
    let values = trainer.model.parameters().values();
    for (name, merged) in part("merged/") {
        let difference = distance(&values[&name], merged)?;
        assert!(difference < 1e-6, "{name} differs by {difference}");
    }
    Ok(())
}
