//! The program of the README runs as it stands there: on a small model, its own rows, to a saved model and a prediction.

use std::process::Command;

use trainer_core::Result;
use trainer_core::model::{BertConfig, BertForSequenceClassification, saved};
use trainer_core::text::{Tokenizer, WordPieceSettings};
use trainer_tests::reference::Tone;

const TEXTS: [(&str, &str); 6] = [
    ("worth every penny", "positive"),
    ("does the job", "neutral"),
    ("crashes all day", "negative"),
    ("love it, every penny", "positive"),
    ("it is fine", "neutral"),
    ("waste of money", "negative"),
];

/// A folder with the files that the program names: a small model under the hub's name, and rows.
fn folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let model = folder.path().join("sentence-transformers/all-MiniLM-L6-v2");
    std::fs::create_dir_all(&model)?;
    let texts: Vec<&str> = TEXTS.iter().map(|(text, _)| *text).collect();
    let tokenizer = Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 80, ..Default::default() })?;
    tokenizer.save(&model)?;
    let bert = BertForSequenceClassification::<Tone>::from_config(BertConfig {
        vocab_size: tokenizer.vocabulary_size(),
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        ..BertConfig::default()
    })?;
    saved::save::<trainer_core::data::SequenceClassification<Tone>>(&bert, &model)?;
    std::fs::create_dir(folder.path().join("data"))?;
    let rows = TEXTS.map(|(text, rating)| format!("{{\"text\":\"{text}\",\"rating\":\"{rating}\"}}")).join("\n");
    std::fs::write(folder.path().join("data/train.jsonl"), &rows)?;
    std::fs::write(folder.path().join("data/eval.jsonl"), &rows)?;
    Ok(folder)
}

#[test]
fn the_program_of_the_readme_trains_evaluates_saves_and_predicts() -> Result<()> {
    let folder = folder()?;
    let run = Command::new(env!("CARGO_BIN_EXE_dsl_program"))
        .args(["--num-train-epochs", "2", "--learning-rate", "1e-3"])
        .current_dir(folder.path())
        .output()?;
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{err}");
    for key in ["loss", "accuracy", "f1", "within_one"] {
        assert!(out.contains(key), "no `{key}` in {out}");
    }
    let prediction = out.lines().last().unwrap_or_default();
    assert!(["negative", "neutral", "positive"].contains(&prediction), "{out}");
    let saved = folder.path().join("results/final");
    BertForSequenceClassification::<Tone>::from_pretrained(&saved)?;
    Tokenizer::from_dir(&saved)?;
    assert!(folder.path().join("results/log.jsonl").is_file());
    Ok(())
}

#[test]
fn a_learning_rate_that_is_no_number_is_refused_before_the_run() -> Result<()> {
    let folder = folder()?;
    let run = Command::new(env!("CARGO_BIN_EXE_dsl_program"))
        .args(["--learning-rate", "nan"])
        .current_dir(folder.path())
        .output()?;
    let err = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{err}");
    assert!(err.contains("--learning-rate: `learning_rate` is nan, but must be in 1e-7..=1e-2"), "{err}");
    assert!(!folder.path().join("results").exists(), "nothing is written");
    Ok(())
}

/// The program after its first line, which says what it is.
const OWN_MODEL: &str = include_str!("../src/bin/own_model.rs");

#[test]
fn the_readmes_own_model_is_the_program_that_runs_and_learns() -> Result<()> {
    let (_, program) = OWN_MODEL.split_once("\n\n").unwrap_or_default();
    assert!(include_str!("../../README.md").contains(program), "the README shows another program");
    let folder = tempfile::tempdir()?;
    let run = Command::new(env!("CARGO_BIN_EXE_own_model")).current_dir(folder.path()).output()?;
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{err}");
    let accuracy = out.lines().find_map(|line| line.strip_prefix("accuracy")).map(str::trim);
    assert!(accuracy.and_then(|share| share.parse::<f64>().ok()).is_some_and(|share| share > 0.9), "{out}");
    Ok(())
}
