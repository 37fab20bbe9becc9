//! A real masked language model gives the scores that Python gives.
//!
//! The weights of `splade-tiny-bert-mlm` are looked for in the folder that `TRAINER_SPLADE` names. Where they are missing,
//! the test says so and ends.

use std::path::PathBuf;

use candle_core::{D, DType, Device, IndexOp, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::prelude::*;
use trainer_tests::real::named;
use trainer_tests::{json, on_both_ways};

#[derive(Example)]
struct Sentence {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no")]
struct Args {
    output_dir: PathBuf,
}

#[trainer(collator = MaskedLm)]
struct SentenceTrainer {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

/// Absolute, of scores up to 10.
const SCORE: f64 = 1e-4;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("numbers").iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn ids(value: &Value) -> Vec<u32> {
    value.as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect()
}

/// Both texts in one batch, the shorter with padding.
fn batch(texts: &[Vec<u32>]) -> Result<Batch> {
    let length = texts.iter().map(Vec::len).max().unwrap_or(0);
    let padded = |row: &Vec<u32>, of_token: fn(u32) -> u32| {
        let mut row: Vec<u32> = row.iter().map(|id| of_token(*id)).collect();
        row.resize(length, 0);
        row
    };
    let input_ids: Vec<Vec<u32>> = texts.iter().map(|row| padded(row, |id| id)).collect();
    let mask: Vec<Vec<u32>> = texts.iter().map(|row| padded(row, |_| 1)).collect();
    Ok(Batch {
        rows: (0..texts.len()).collect(),
        input_ids: Some(Tensor::new(input_ids, &Device::Cpu)?),
        attention_mask: Some(Tensor::new(mask, &Device::Cpu)?),
        ..Batch::default()
    })
}

/// The scores of one position are those of the reference.
fn check(scores: &Tensor, expected: &Value) -> Result<f64> {
    let scores = scores.to_dtype(DType::F64)?.to_vec1::<f64>()?;
    let mut worst: f64 = 0.0;
    for (id, expected) in ids(&expected["top"]).iter().zip(numbers(&expected["scores"])) {
        worst = worst.max((scores[*id as usize] - expected).abs());
    }
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let log_sum_exp = highest + scores.iter().map(|score| (score - highest).exp()).sum::<f64>().ln();
    worst = worst.max((log_sum_exp - expected["log_sum_exp"].as_f64().expect("a number")).abs());
    let squares = expected["sum_of_squares"].as_f64().expect("a number");
    let difference = scores.iter().map(|score| score * score).sum::<f64>() - squares;
    assert!(difference.abs() < 1e-5 * squares, "the sum of squares is off by {difference} of {squares}");
    Ok(worst)
}

#[test]
#[ignore = "a real model, whose folder TRAINER_SPLADE names"]
fn scores_of_masked_words_are_those_of_python() -> Result<()> {
    let Some(folder) = named("TRAINER_SPLADE") else {
        println!("skipped: needs splade-tiny-bert-mlm (set TRAINER_SPLADE to its folder)");
        return Ok(());
    };
    let reference = json("models/splade-tiny-bert-mlm.json");
    let reference = reference.as_array().expect("texts");
    let output_dir = tempfile::tempdir()?;
    let trainer = SentenceTrainer {
        model: BertForMaskedLM::from_pretrained(&folder)?,
        args: Args { output_dir: output_dir.path().to_owned() },
        train_dataset: Dataset::from_examples(Vec::new()),
        tokenizer: Tokenizer::from_dir(&folder)?,
    };
    let text = |row: &Value| row["text"].as_str().expect("a text").to_owned();
    let mut texts = Vec::new();
    for row in reference {
        let encoded = trainer.tokenizer.encode(&text(row), None)?.input_ids;
        assert_eq!(encoded, ids(&row["input_ids"]));
        texts.push(encoded);
    }
    on_both_ways(|| {
        let logits = trainer.model.forward(&batch(&texts)?, Mode::Evaluate)?.logits;
        let mut worst: f64 = 0.0;
        for (row, expected) in reference.iter().enumerate() {
            let positions = expected["positions"].as_array().expect("positions");
            assert_eq!(positions.len(), texts[row].len());
            for (position, expected) in positions.iter().enumerate() {
                worst = worst.max(check(&logits.i((row, position))?, expected)?);
            }
        }
        println!("{} scores a position, the worst is off by {worst:.1e}", logits.dim(D::Minus1)?);
        assert!(worst < SCORE, "a score is off by {worst}");
        Ok(())
    })?;
    let predictor = trainer.predictor()?;
    for row in reference {
        let filled = predictor.fill_mask(&text(row), 3)?;
        let filled = &filled[0];
        let expected = row["mask"]["tokens"].as_array().expect("tokens");
        for (place, probability) in numbers(&row["mask"]["probabilities"]).into_iter().enumerate() {
            assert_eq!(Some(filled[place].token.as_str()), expected[place].as_str());
            assert!((f64::from(filled[place].score) - probability).abs() < 1e-5);
        }
    }
    Ok(())
}
