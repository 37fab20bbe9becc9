//! Whole training runs equal those of transformers' Trainer: rows, losses, gradient norms, learning rates, final weights.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::data::{Column, Example, LabelColumn, LanguageModeling, TokenClassification};
use trainer_core::loss;
use trainer_core::model::{
    BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification, DistilBertForSequenceClassification,
    Model, RobertaForSequenceClassification, weights,
};
use trainer_core::prelude::ClassLabel;
use trainer_core::train::{TrainerState, number_from_json};
use trainer_core::transformer::{Way, computing};
use trainer_core::{Result, Trainer};
use trainer_tests::reference::{LabelledTokens, Numbered, ReferenceRun, ReferenceTrainer, Tokens, Tone};
use trainer_tests::{fixtures, json, on_both_ways};

/// Absolute; f32 against f64 differs by 3e-6 over a run.
const LOSS: f64 = 1e-4;
/// Relative; f32 against f64 differs by 8e-6.
const GRAD_NORM: f64 = 1e-4;
const LEARNING_RATE: f64 = 1e-12;
/// Absolute; the worst element of an f32 run is 1.4e-4 off.
const WEIGHTS: f64 = 5e-4;

type Prepare<E, M> = fn(&mut ReferenceRun<E, M>);

/// Runs a fixture to its end with the model that `load` makes, and compares every update with the reference.
fn run_of<E: Example + Numbered, M: Model>(
    name: &str,
    load: impl Fn(&Path) -> Result<M>,
    prepare: Prepare<E, M>,
) -> Result<(ReferenceRun<E, M>, Value)> {
    let reference = json(&format!("training/{name}/run.json"));
    let folder = tempfile::tempdir()?;
    let mut trainer = ReferenceRun::of(&reference, folder.path(), load)?;
    prepare(&mut trainer);
    trainer.train()?;
    check_updates(name, &trainer, &reference);
    check_evaluations(name, &trainer.state(), &reference);
    check_final_weights(name, &trainer.model, &reference)?;
    check_rows(name, &trainer, &reference);
    Ok((trainer, reference))
}

/// The same with BERT for whole texts.
fn run<L>(
    name: &str,
    prepare: Prepare<Tokens<L>, BertForSequenceClassification<L>>,
) -> Result<(ReferenceTrainer<L>, Value)>
where
    L: LabelColumn + Column + Send + Sync + 'static,
{
    run_of(name, |folder| BertForSequenceClassification::from_pretrained(folder), prepare)
}

fn check_updates<E, M>(name: &str, trainer: &ReferenceRun<E, M>, reference: &Value) {
    let watched = trainer.watch.lock().expect("the run has ended").clone();
    let expected = reference["updates"].as_array().expect("updates");
    assert_eq!(watched.updates.len(), expected.len(), "{name}: number of updates");
    for (update, expected) in watched.updates.iter().zip(expected) {
        let number = |key: &str| expected[key].as_f64().expect("a number");
        let step = &expected["step"];
        let (loss, norm) = (number("loss"), number("grad_norm"));
        assert!((update.loss - loss).abs() < LOSS, "{name} update {step}: loss {}, reference {loss}", update.loss);
        let difference = (update.grad_norm - norm).abs() / norm;
        assert!(difference < GRAD_NORM, "{name} update {step}: norm {}, reference {norm}", update.grad_norm);
        let difference = (update.learning_rate - number("learning_rate")).abs();
        assert!(difference < LEARNING_RATE, "{name} update {step}: learning rate {}", update.learning_rate);
    }
}

fn check_evaluations(name: &str, state: &TrainerState, reference: &Value) {
    let Some(expected) = reference["evals"].as_array() else { return };
    let found: Vec<_> = state.log_history.iter().filter(|entry| entry.contains_key("eval_loss")).collect();
    assert_eq!(found.len(), expected.len(), "{name}: number of evaluations");
    for (entry, expected) in found.iter().zip(expected) {
        let value = |key: &str| entry.get(key).and_then(number_from_json).expect("a logged number");
        let exact = expected["eval_loss_exact"].as_f64().expect("a number");
        assert!(
            (value("eval_loss") - exact).abs() < LOSS,
            "{name}: eval_loss {}, reference {exact}",
            value("eval_loss")
        );
        assert_eq!(entry["step"], expected["step"], "{name}");
        for key in ["eval_accuracy", "eval_f1_macro"] {
            if let Some(metric) = expected[key].as_f64() {
                assert!((value(key) - metric).abs() < 1e-9, "{name} {key}: {}, reference {metric}", value(key));
            }
        }
    }
}

fn check_final_weights(name: &str, model: &impl Model, reference: &Value) -> Result<()> {
    let values = model.parameters().values();
    let skipped = reference["zero_gradient_elements"].as_object().expect("names");
    let path = fixtures().join(format!("training/{name}/final.safetensors"));
    let whole = if path.is_file() { weights::read(&path, &Device::Cpu)? } else { BTreeMap::new() };
    for (parameter, value) in values.iter().filter(|(parameter, _)| !skipped.contains_key(*parameter)) {
        let found = value.flatten_all()?.to_vec1::<f32>()?;
        let summary = &reference["final_weights"][parameter];
        for (index, expected) in summary["first4"].as_array().expect("four numbers").iter().enumerate() {
            let difference = (f64::from(found[index]) - expected.as_f64().expect("a number")).abs();
            assert!(difference < WEIGHTS, "{name} {parameter}[{index}] differs by {difference}");
        }
        let norm = found.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        let expected = summary["norm"].as_f64().expect("a number");
        assert!((norm - expected).abs() < WEIGHTS * expected.max(1.0), "{name} {parameter}: norm {norm}, {expected}");
        if let Some(expected) = whole.get(parameter) {
            let difference = (value - expected)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
            assert!(f64::from(difference) < WEIGHTS, "{name} {parameter} differs by {difference}");
        }
    }
    Ok(())
}

/// The rows of every batch of training, as the reference numbers them.
fn check_rows<E: Example + Numbered, M>(name: &str, trainer: &ReferenceRun<E, M>, reference: &Value) {
    let batches = trainer.rows.lock().expect("the run has ended").clone();
    let evaluation: Vec<Vec<usize>> =
        (0..trainer.eval.len()).collect::<Vec<_>>().chunks(8).map(<[usize]>::to_vec).collect();
    // Before the first step all rows are laid out at once, to count what is learnt of them.
    let is_of_the_run = |batch: &Vec<usize>| batch.len() <= 8 && !evaluation.contains(batch);
    let training = batches.into_iter().filter(is_of_the_run);
    let found: Vec<Vec<u32>> =
        training.map(|rows| rows.iter().map(|row| trainer.train[*row].idx()).collect()).collect();
    let updates = reference["updates"].as_array().expect("updates");
    let expected: Vec<Vec<u32>> = updates
        .iter()
        .flat_map(|update| serde_json::from_value::<Vec<Vec<u32>>>(update["rows"].clone()).expect("rows"))
        .collect();
    assert_eq!(found, expected, "{name}: rows of the batches");
}

/// Runs of classification on the same rows.
fn classify(name: &str, prepare: Prepare<Tokens<Tone>, BertForSequenceClassification<Tone>>) -> Result<()> {
    on_both_ways(|| run::<Tone>(name, prepare).map(drop))
}

fn weighted(trainer: &mut ReferenceTrainer<Tone>) {
    trainer.loss = Some(|| Box::new(loss::weighted_ce(&[1.0, 2.0, 3.0])));
}

#[test]
fn plain_classification() -> Result<()> {
    on_both_ways(plain)
}

fn plain() -> Result<()> {
    let (trainer, _) = run::<Tone>("a-plain", |_| ())?;
    let theirs = json("training/a-plain/trainer_state.json");
    assert_eq!(Some(trainer.state().total_flos), theirs["total_flos"].as_f64());
    Ok(())
}

#[test]
fn without_clipping() -> Result<()> {
    classify("a-noclip", |_| ())
}

#[test]
fn weighted_cross_entropy() -> Result<()> {
    classify("b-weighted-ce", weighted)
}

#[test]
fn accumulation_is_exact() -> Result<()> {
    classify("c-ga4-plain", |_| ())
}

#[test]
fn accumulation_of_weighted_cross_entropy_is_exact() -> Result<()> {
    classify("c-ga4-weighted-ce", weighted)
}

#[test]
fn accumulation_of_smoothed_labels_is_exact() -> Result<()> {
    classify("c-ga4-smoothing", |_| ())
}

#[test]
fn label_smoothing() -> Result<()> {
    classify("d-label-smoothing", |_| ())
}

#[test]
fn cosine_schedule_with_a_share_of_warm_up() -> Result<()> {
    classify("e-cosine", |_| ())
}

#[test]
fn rows_grouped_by_length() -> Result<()> {
    classify("f-group-by-length", |_| ())
}

#[test]
fn regression() -> Result<()> {
    on_both_ways(|| run::<f32>("l-regression", |_| ()).map(drop))
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Topic {
    Food,
    Travel,
    Tech,
    Work,
    Weather,
}

#[test]
fn several_labels() -> Result<()> {
    on_both_ways(|| run::<Vec<Topic>>("g-multilabel", |_| ()).map(drop))
}

#[test]
fn roberta() -> Result<()> {
    let load = |folder: &Path| RobertaForSequenceClassification::<Tone>::from_pretrained(folder);
    on_both_ways(|| run_of::<Tokens<Tone>, _>("a-plain-roberta", load, |_| ()).map(drop))
}

#[test]
fn distilbert() -> Result<()> {
    let load = |folder: &Path| DistilBertForSequenceClassification::<Tone>::from_pretrained(folder);
    on_both_ways(|| run_of::<Tokens<Tone>, _>("a-plain-distilbert", load, |_| ()).map(drop))
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

#[test]
fn tags() -> Result<()> {
    let load = |folder: &Path| BertForTokenClassification::<Tag>::from_pretrained(folder);
    on_both_ways(|| run_of::<LabelledTokens<TokenClassification<Tag>>, _>("h-tokcls", load, |_| ()).map(drop))
}

#[test]
fn masked_tokens() -> Result<()> {
    let load = |folder: &Path| BertForMaskedLM::from_pretrained(folder);
    on_both_ways(|| run_of::<LabelledTokens<LanguageModeling>, _>("i-mlm", load, |_| ()).map(drop))
}

#[test]
fn events_and_log_history_come_in_the_reference_s_order() -> Result<()> {
    let mut reference = json("training/o-bookkeeping/run.json");
    // The figures are of a causal model; what is compared is when things happen, which no model changes.
    reference["model"] = "models/bert-seqcls".into();
    reference["data"] = "seqcls-wordpiece.json".into();
    let folder = tempfile::tempdir()?;
    let mut trainer = ReferenceTrainer::<Tone>::new(&reference, folder.path())?;
    trainer.train()?;
    let watched = trainer.watch.lock().expect("the run has ended").clone();
    let expected: Vec<(String, usize, f64)> = serde_json::from_value(reference["events"].clone()).expect("events");
    assert_eq!(watched.events, expected);
    let state = trainer.state();
    let expected = reference["log_history"].as_array().expect("log events");
    assert_eq!(state.log_history.len(), expected.len());
    for (found, expected) in state.log_history.iter().zip(expected) {
        for (key, value) in expected.as_object().expect("a log event") {
            assert!(found.contains_key(key), "no `{key}` in {found:?}");
            if ["learning_rate", "epoch", "step"].contains(&key.as_str()) {
                assert_eq!(&found[key], value, "{key} in {found:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_run_goes_on_from_the_reference_s_weights_and_optimiser_state() -> Result<()> {
    on_both_ways(from_the_reference_s_state)
}

fn from_the_reference_s_state() -> Result<()> {
    let reference = json("training/a-plain/run.json");
    let folder = tempfile::tempdir()?;
    let mut trainer = ReferenceTrainer::<Tone>::new(&reference, folder.path())?;
    let checkpoint = folder.path().join("imported");
    std::fs::create_dir(&checkpoint)?;
    let fixture = |name: &str| fixtures().join("training/a-plain").join(name);
    std::fs::copy(fixture("step6-model.safetensors"), checkpoint.join("model.safetensors"))?;
    std::fs::copy(fixture("step6-optimizer.safetensors"), checkpoint.join("optimizer.safetensors"))?;
    let mut state = TrainerState::load(&fixtures().join("training/a-plain"))?;
    state.log_history.retain(|entry| entry["step"].as_u64().is_some_and(|step| step <= 6));
    (state.global_step, state.epoch) = (6, 1.0);
    state.save(&checkpoint)?;
    trainer.train_from(&checkpoint)?;
    let mut rest = reference.clone();
    rest["updates"] = reference["updates"].as_array().expect("updates")[6..].into();
    check_updates("a-plain from update 6", &trainer, &rest);
    check_rows("a-plain from update 6", &trainer, &rest);
    check_final_weights("a-plain", &trainer.model, &reference)
}

#[test]
fn evaluation_after_training_gives_the_reference_s_logits() -> Result<()> {
    on_both_ways(evaluation_after_training)
}

fn evaluation_after_training() -> Result<()> {
    let (trainer, reference) = run::<Tone>("a-plain", |_| ())?;
    let expected: Vec<Vec<f32>> = serde_json::from_value(reference["final_eval_logits"].clone()).expect("logits");
    let found = trainer.predict(&trainer.eval)?;
    let difference = (Tensor::new(found.logits, &Device::Cpu)? - Tensor::new(expected, &Device::Cpu)?)?;
    let difference = difference.abs()?.max_all()?.to_scalar::<f32>()?;
    assert!(f64::from(difference) < 1e-3, "logits differ by {difference}");
    let metrics = trainer.evaluate()?;
    let last = reference["evals"].as_array().and_then(|all| all.last()).expect("evaluations");
    assert!((metrics["loss"] - last["eval_loss_exact"].as_f64().expect("a number")).abs() < LOSS);
    assert_eq!(metrics.get("accuracy"), last["eval_accuracy"].as_f64());
    Ok(())
}

#[test]
fn the_way_of_the_caller_is_that_of_the_run_and_its_predictions() -> Result<()> {
    let reference = json("training/a-plain/run.json");
    let folder = tempfile::tempdir()?;
    let numbers = |way, num_threads| {
        computing(way, || {
            let mut trainer = ReferenceTrainer::<Tone>::new(&reference, folder.path())?;
            trainer.args.0.num_threads = Some(num_threads);
            let before = trainer.predict(&trainer.eval)?.logits;
            trainer.train()?;
            let losses = trainer.watch.lock().expect("the run has ended").updates.iter().map(|u| u.loss).collect();
            Ok::<(_, Vec<f64>), trainer_core::Error>((before, losses))
        })
    };
    let fused = numbers(Way::Fused, 2)?;
    // The two add in another order: hundreds of f32 that all came out the same would be those of one way.
    let by_operations = numbers(Way::Reference, 2)?;
    assert!(fused.0 != by_operations.0, "predictions were made the same way");
    assert!(fused.1 != by_operations.1, "both runs trained the same way");
    assert!(fused == numbers(Way::Fused, 1)?, "the number of threads changes the fused way");
    assert!(by_operations == numbers(Way::Reference, 1)?, "the number of threads changes the reference");
    Ok(())
}
