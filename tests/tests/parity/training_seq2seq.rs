//! Whole runs of encoder-decoder models equal those of transformers' Trainer: losses, gradient norms, final weights.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::collate::{Batch, Collation, Collator, Item};
use trainer_core::data::{Dataset, Example, Field, Files, IGNORE, Input, Role, Row, Seq2Seq, Target};
use trainer_core::loss::Loss;
use trainer_core::metrics::Metric;
use trainer_core::model::{AutoModelForSeq2SeqLM, Model, weights};
use trainer_core::text::Tokenizer;
use trainer_core::train::{Callback, Control, RunMoment, TrainerParts, UpdateRecord, number_from_json};
use trainer_core::{Error, ErrorKind, Result, Trainer};
use trainer_tests::reference::{Fixed, arguments};
use trainer_tests::{fixtures, json, on_both_ways};

/// Absolute; f32 against f64 differs by 3e-6 over a run.
const LOSS: f64 = 1e-4;
/// Relative; f32 against f64 differs by 8e-6.
const GRAD_NORM: f64 = 1e-4;
const LEARNING_RATE: f64 = 1e-12;
/// Absolute; the worst element of an f32 run is 1.4e-4 off.
const WEIGHTS: f64 = 5e-4;

/// A source and its target, tokenised already.
#[derive(Clone, Debug, serde::Deserialize)]
struct Pair {
    input_ids: Vec<u32>,
    labels: Vec<u32>,
}

impl Example for Pair {
    type Task = Seq2Seq;
    const NAME: &'static str = "Pair";
    const FIELDS: &'static [Field] = &[
        Field { name: "input_ids", column: "input_ids", role: Role::InputIds },
        Field { name: "labels", column: "labels", role: Role::Label },
    ];
    const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

    fn from_row(_: &Row<'_>) -> Result<Self> {
        Err(Error::new(ErrorKind::Data, "pairs are read from the fixture as a whole"))
    }

    fn input(&self) -> Input<'_> {
        Input::Tokens { input_ids: &self.input_ids, attention_mask: None, token_type_ids: None }
    }

    fn target(&self) -> Target {
        Target::Tokens(self.labels.clone())
    }
}

/// Sources and targets padded on the right; the decoder begins as the model says.
struct Pairs;

impl Pairs {
    fn padded(rows: &[Vec<u32>], value: u32) -> Result<Tensor> {
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let rows = rows.iter().map(|row| row.iter().copied().chain([value].repeat(longest)).take(longest).collect());
        Ok(Tensor::new(rows.collect::<Vec<Vec<u32>>>(), &Device::Cpu)?)
    }
}

impl Collator for Pairs {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        self.collate_in(items, &Collation { tokenizer, ..Collation::default() })
    }

    fn collate_in(&self, items: &[&Item], collation: &Collation<'_>) -> Result<Batch> {
        let decoder = collation.decoder.expect("the model's decoder begins with something");
        let sources: Vec<Vec<u32>> =
            items.iter().map(|item| item.input.tokens().expect("tokens").input_ids.clone()).collect();
        let targets: Vec<Vec<u32>> = items
            .iter()
            .map(|item| match &item.target {
                Target::Tokens(labels) => labels.clone(),
                other => panic!("no tokens: {other:?}"),
            })
            .collect();
        let begun: Vec<Vec<u32>> = targets
            .iter()
            .map(|target| [&[decoder.start], &target[..target.len().saturating_sub(1)]].concat())
            .collect();
        let marks = |rows: &[Vec<u32>]| Self::padded(&rows.iter().map(|row| vec![1; row.len()]).collect::<Vec<_>>(), 0);
        let mask = marks(&sources)?;
        let real = mask.flatten_all()?.to_vec1::<u32>()?;
        let places = real.iter().zip(0u32..).filter(|(mark, _)| **mark == 1).map(|(_, place)| place).collect();
        Ok(Batch {
            rows: items.iter().map(|item| item.row).collect(),
            input_ids: Some(Self::padded(&sources, decoder.padding)?),
            attention_mask: Some(mask),
            labels: Some(Self::padded(&targets, IGNORE)?),
            decoder_input_ids: Some(Self::padded(&begun, decoder.padding)?),
            decoder_attention_mask: Some(marks(&targets)?),
            real_tokens: Some(places),
            ..Batch::default()
        })
    }
}

/// Keeps every update.
struct Watcher(Arc<Mutex<Vec<UpdateRecord>>>);

impl Callback for Watcher {
    fn on_step_end(&mut self, moment: &RunMoment<'_>, _: &mut Control) -> Result<()> {
        self.0.lock().expect("no test panicked while it held the lock").extend(moment.update);
        Ok(())
    }
}

struct PairTrainer {
    model: AutoModelForSeq2SeqLM,
    args: Fixed,
    train: Dataset<Pair>,
    eval: Dataset<Pair>,
    updates: Arc<Mutex<Vec<UpdateRecord>>>,
}

impl TrainerParts for PairTrainer {
    type Model = AutoModelForSeq2SeqLM;
    type Args = Fixed;
    type Example = Pair;
    const NAME: &'static str = "PairTrainer";

    fn model(&self) -> &Self::Model {
        &self.model
    }

    fn args(&self) -> &Self::Args {
        &self.args
    }

    fn train_dataset(&self) -> Option<&Dataset<Pair>> {
        Some(&self.train)
    }

    fn eval_datasets(&self) -> Vec<(Option<&str>, &Dataset<Pair>)> {
        vec![(None, &self.eval)]
    }

    fn tokenizer(&self) -> Option<&Tokenizer> {
        None
    }

    fn collator(&self) -> Box<dyn Collator> {
        Box::new(Pairs)
    }

    fn loss(&self) -> Option<Box<dyn Loss>> {
        None
    }

    fn metrics(&self) -> Vec<Box<dyn Metric>> {
        Vec::new()
    }

    fn callbacks(&self) -> Vec<Box<dyn Callback>> {
        vec![Box::new(Watcher(Arc::clone(&self.updates)))]
    }
}

fn pairs(name: &str, part: &str) -> Dataset<Pair> {
    let rows = json(&format!("training/datasets/{name}"))[part].clone();
    Dataset::from_examples(serde_json::from_value(rows).expect("pairs"))
}

fn check_updates(name: &str, updates: &[UpdateRecord], reference: &Value) {
    let expected = reference["updates"].as_array().expect("updates");
    assert_eq!(updates.len(), expected.len(), "{name}: number of updates");
    for (update, expected) in updates.iter().zip(expected) {
        let number = |key: &str| expected[key].as_f64().expect("a number");
        let (step, loss, norm) = (&expected["step"], number("loss"), number("grad_norm"));
        assert!((update.loss - loss).abs() < LOSS, "{name} update {step}: loss {}, expected {loss}", update.loss);
        let difference = (update.grad_norm - norm).abs() / norm;
        assert!(difference < GRAD_NORM, "{name} update {step}: norm {}, expected {norm}", update.grad_norm);
        let difference = (update.learning_rate - number("learning_rate")).abs();
        assert!(difference < LEARNING_RATE, "{name} update {step}: learning rate {}", update.learning_rate);
    }
}

fn check_evaluations(name: &str, trainer: &PairTrainer, reference: &Value) {
    let history = trainer.state().log_history;
    let found: Vec<f64> =
        history.iter().filter_map(|entry| entry.get("eval_loss").and_then(number_from_json)).collect();
    let last = reference["final_eval_loss_exact"].as_f64().into_iter().collect();
    let all = |evaluations: &Vec<Value>| {
        evaluations.iter().map(|one| one["eval_loss_exact"].as_f64().expect("a number")).collect()
    };
    let expected: Vec<f64> = reference["evals"].as_array().map_or(last, all);
    assert!(!expected.is_empty() && found.len() >= expected.len(), "{name}: {} evaluations", found.len());
    for (found, expected) in found.iter().rev().zip(expected.iter().rev()) {
        assert!((found - expected).abs() < LOSS, "{name}: eval_loss {found}, expected {expected}");
    }
}

fn check_final_weights(name: &str, trainer: &PairTrainer, reference: &Value) -> Result<()> {
    let skipped = reference["zero_gradient_elements"].as_object().expect("names");
    let path = fixtures().join(format!("training/{name}/final.safetensors"));
    let whole = if path.is_file() { weights::read(&path, &Device::Cpu)? } else { BTreeMap::new() };
    let trained = trainer.model.parameters().list().into_iter().filter(|parameter| parameter.trainable);
    for parameter in trained.filter(|parameter| !skipped.contains_key(&parameter.name)) {
        let value = parameter.variable.as_detached_tensor();
        let found = value.flatten_all()?.to_vec1::<f32>()?;
        let (name, summary) = (format!("{name} {}", parameter.name), &reference["final_weights"][&parameter.name]);
        for (index, expected) in summary["first4"].as_array().expect("four numbers").iter().enumerate() {
            let difference = (f64::from(found[index]) - expected.as_f64().expect("a number")).abs();
            assert!(difference < WEIGHTS, "{name}[{index}] differs by {difference}");
        }
        let norm = found.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        let expected = summary["norm"].as_f64().expect("a number");
        assert!((norm - expected).abs() < WEIGHTS * expected.max(1.0), "{name}: norm {norm}, {expected}");
        if let Some(expected) = whole.get(&parameter.name) {
            let difference = (value - expected)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
            assert!(f64::from(difference) < WEIGHTS, "{name} differs by {difference}");
        }
    }
    Ok(())
}

/// Runs a fixture to its end and compares it with the reference.
fn run(name: &str) -> Result<()> {
    let reference = json(&format!("training/{name}/run.json"));
    let file = |key: &str| reference[key].as_str().and_then(|path| path.rsplit('/').next()).expect("a path").to_owned();
    let folder = tempfile::tempdir()?;
    let (model, data) = (fixtures().join("models").join(file("model")), file("data"));
    let mut trainer = PairTrainer {
        model: AutoModelForSeq2SeqLM::from_pretrained(model)?,
        args: Fixed(arguments(&reference, folder.path())),
        train: pairs(&data, "train"),
        eval: pairs(&data, "eval"),
        updates: Arc::default(),
    };
    trainer.train()?;
    let updates = trainer.updates.lock().expect("the run has ended").clone();
    check_updates(name, &updates, &reference);
    check_evaluations(name, &trainer, &reference);
    check_final_weights(name, &trainer, &reference)
}

#[test]
fn t5_learns_as_with_transformers() -> Result<()> {
    on_both_ways(|| run("k-t5"))
}

#[test]
fn t5_with_gates_and_a_head_of_its_own_learns_as_with_transformers() -> Result<()> {
    on_both_ways(|| run("k-t5-gated"))
}

#[test]
fn bart_learns_as_with_transformers() -> Result<()> {
    on_both_ways(|| run("k-bart"))
}

/// A window of batches of one row has the mean over all of its tokens.
#[test]
fn t5_learns_the_same_from_windows_of_single_rows() -> Result<()> {
    on_both_ways(|| run("c-ga4-t5"))
}
