//! Models write for sources what transformers writes; a step computes the new tokens alone.

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::model::generation::{EarlyStopping, Generate, GenerationConfig};
use trainer_core::model::{AutoModelForSeq2SeqLM, Model};
use trainer_core::tensor::random::Mode;
use trainer_tests::json;

use super::folder;

/// Absolute, of scores with what was kept against those of the whole text.
const KEPT: f32 = 1e-5;
const MODELS: [&str; 4] = ["t5-relu", "t5-gated-gelu", "bart", "marian"];

fn sources() -> Vec<Vec<u32>> {
    serde_json::from_value(json("generation/seq2seq.json")["sources"].clone()).expect("sources")
}

/// The settings of a case, by their names, for a model of so many ids.
fn config(settings: &Value, max_new_tokens: usize, vocabulary: usize) -> GenerationConfig {
    let mut config = GenerationConfig { max_new_tokens, eos_token_id: vec![2], ..GenerationConfig::default() };
    for (key, value) in settings.as_object().expect("settings") {
        let number = || value.as_f64().expect("a number");
        let count = || value.as_u64().expect("a count") as usize;
        match key.as_str() {
            "eos_token_id" => {
                let ends: Vec<u32> = serde_json::from_value(value.clone()).expect("tokens");
                config.eos_token_id = ends.into_iter().filter(|end| (*end as usize) < vocabulary).collect();
            }
            "repetition_penalty" => config.repetition_penalty = number(),
            "no_repeat_ngram_size" => config.no_repeat_ngram_size = count(),
            "num_beams" => config.num_beams = count(),
            "length_penalty" => config.length_penalty = number(),
            "early_stopping" => config.early_stopping = EarlyStopping::Always,
            other => panic!("the fixture sets `{other}`"),
        }
    }
    config
}

#[test]
fn texts_are_those_that_transformers_writes() -> Result<()> {
    let cases = json("generation/seq2seq.json");
    let max_new_tokens = cases["max_new_tokens"].as_u64().expect("a count") as usize;
    for name in MODELS {
        let model = AutoModelForSeq2SeqLM::from_pretrained(folder(name))?;
        let of_model = cases["cases"].as_array().expect("cases").iter().filter(|case| case["model"] == name);
        let mut compared = 0;
        for case in of_model {
            let expected: Vec<Vec<u32>> = serde_json::from_value(case["texts"].clone()).expect("texts");
            let vocabulary = model.vocabulary_size().unwrap_or_default();
            let found = model.generate(&sources(), &config(&case["settings"], max_new_tokens, vocabulary))?;
            assert_eq!(found, expected, "{name}: {}", case["settings"]);
            compared += 1;
        }
        assert_eq!(compared, 6);
    }
    Ok(())
}

/// The scores of what follows the last token that the decoder has read, computed as a whole.
fn scores_of_the_whole(model: &impl Model, source: &[u32], text: &[u32]) -> Result<Tensor> {
    let batch = Batch {
        rows: vec![0],
        input_ids: Some(Tensor::new(vec![source.to_vec()], &Device::Cpu)?),
        decoder_input_ids: Some(Tensor::new(vec![text.to_vec()], &Device::Cpu)?),
        ..Batch::default()
    };
    Ok(model.forward(&batch, Mode::Evaluate)?.logits.get(0)?.get(text.len() - 1)?)
}

#[test]
fn scores_of_steps_are_those_of_the_whole_text() -> Result<()> {
    for name in MODELS {
        let (model, mut sources) = (AutoModelForSeq2SeqLM::from_pretrained(folder(name))?, sources());
        let begun = model.begin(&sources)?;
        let (mut memory, mut scores, mut texts) = (begun.memory, begun.scores, begun.read);
        for step in 0..6u32 {
            for (row, (source, text)) in sources.iter().zip(&texts).enumerate() {
                let whole = scores_of_the_whole(&model, source, text)?;
                let difference = (scores.get(row)? - whole)?.abs()?.max_all()?.to_scalar::<f32>()?;
                assert!(difference < KEPT, "{name} step {step}, row {row}: scores differ by {difference}");
            }
            // First another order of the same rows, then a text that ends and another that goes on in two ways.
            let kept: [usize; 4] = match step {
                1 => [1, 0, 3, 2],
                2 => [3, 0, 0, 2],
                3 => [0, 2, 1, 3],
                _ => [0, 1, 2, 3],
            };
            model.select(&mut memory, &kept.map(|row| row as u32))?;
            texts = kept.map(|row| texts[row].clone()).to_vec();
            sources = kept.map(|row| sources[row].clone()).to_vec();
            let tokens: Vec<u32> = (0..4).map(|row| 50 + 7 * row + step).collect();
            scores = model.step(&mut memory, &tokens)?;
            texts.iter_mut().zip(&tokens).for_each(|(text, token)| text.push(*token));
        }
    }
    Ok(())
}
