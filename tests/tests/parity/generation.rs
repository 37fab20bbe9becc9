//! Models write what transformers writes with the same weights; a step reads new tokens alone.

use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::model::generation::{EarlyStopping, Generate, GenerationConfig};
use trainer_core::model::{AutoModelForCausalLM, Model};
use trainer_core::tensor::random::Mode;
use trainer_tests::{fixtures, json};

use candle_core::{Device, Tensor};

/// Absolute, of scores with keys and values that were kept against those of the whole text.
const KEPT: f32 = 1e-5;

fn model(name: &str) -> Result<AutoModelForCausalLM> {
    AutoModelForCausalLM::from_pretrained(fixtures().join("models").join(name))
}

fn prompts() -> Vec<Vec<u32>> {
    serde_json::from_value(json("generation/cases.json")["prompts"].clone()).expect("prompts")
}

/// The settings of a case, by their names.
fn config(settings: &Value, max_new_tokens: usize) -> GenerationConfig {
    let mut config = GenerationConfig { max_new_tokens, ..GenerationConfig::default() };
    for (key, value) in settings.as_object().expect("settings") {
        let number = || value.as_f64().expect("a number");
        let count = || value.as_u64().expect("a count") as usize;
        let token = || Some(value.as_u64().expect("a token") as u32);
        let tokens = || serde_json::from_value(value.clone()).expect("tokens");
        match key.as_str() {
            "eos_token_id" => config.eos_token_id = tokens(),
            "min_new_tokens" => config.min_new_tokens = count(),
            "repetition_penalty" => config.repetition_penalty = number(),
            "no_repeat_ngram_size" => config.no_repeat_ngram_size = count(),
            "forced_eos_token_id" => config.forced_eos_token_id = token(),
            "suppress_tokens" => config.suppress_tokens = tokens(),
            "num_beams" => config.num_beams = count(),
            "length_penalty" => config.length_penalty = number(),
            "early_stopping" => {
                config.early_stopping = match value {
                    Value::Bool(true) => EarlyStopping::Always,
                    Value::Bool(false) => EarlyStopping::WhenUnlikely,
                    _ => EarlyStopping::Never,
                }
            }
            other => panic!("the fixture sets `{other}`"),
        }
    }
    config
}

fn texts_equal_those_of_transformers(name: &str) -> Result<()> {
    let (cases, model) = (json("generation/cases.json"), model(name)?);
    let max_new_tokens = cases["max_new_tokens"].as_u64().expect("a count") as usize;
    let of_model = cases["cases"].as_array().expect("cases").iter().filter(|case| case["model"] == name);
    let mut compared = 0;
    for case in of_model {
        let expected: Vec<Vec<u32>> = serde_json::from_value(case["texts"].clone()).expect("texts");
        let found = model.generate(&prompts(), &config(&case["settings"], max_new_tokens))?;
        assert_eq!(found, expected, "{name}: {}", case["settings"]);
        compared += 1;
    }
    assert_eq!(compared, 14);
    Ok(())
}

#[test]
fn gpt2_writes_what_transformers_writes() -> Result<()> {
    texts_equal_those_of_transformers("gpt2-lm")
}

#[test]
fn llama_writes_what_transformers_writes() -> Result<()> {
    texts_equal_those_of_transformers("llama-untied")
}

#[test]
fn qwen2_writes_what_transformers_writes() -> Result<()> {
    texts_equal_those_of_transformers("qwen2-tied")
}

/// The scores of what follows the last token of a text that is read as a whole.
fn scores_of_the_whole(model: &impl Model, text: &[u32]) -> Result<Tensor> {
    let input_ids = Some(Tensor::new(vec![text.to_vec()], &Device::Cpu)?);
    let logits = model.forward(&Batch { rows: vec![0], input_ids, ..Batch::default() }, Mode::Evaluate)?.logits;
    Ok(logits.get(0)?.get(text.len() - 1)?)
}

#[test]
fn scores_of_steps_are_those_of_the_whole_text() -> Result<()> {
    for name in ["gpt2-lm", "llama-untied", "qwen2-tied"] {
        let (model, mut texts) = (model(name)?, prompts());
        let begun = model.begin(&texts)?;
        let (mut memory, mut scores) = (begun.memory, begun.scores);
        for step in 0..6u32 {
            for (row, text) in texts.iter().enumerate() {
                let whole = scores_of_the_whole(&model, text)?;
                let difference = (scores.get(row)? - whole)?.abs()?.max_all()?.to_scalar::<f32>()?;
                assert!(difference < KEPT, "{name} step {step}, row {row}: scores differ by {difference}");
            }
            if step == 2 {
                // One text ends, another goes on in two ways.
                model.select(&mut memory, &[3, 0, 0, 2])?;
                texts = [3, 0, 0, 2].map(|row: usize| texts[row].clone()).to_vec();
            }
            let tokens: Vec<u32> = (0..4).map(|row| 100 + 7 * row + step).collect();
            scores = model.step(&mut memory, &tokens)?;
            texts.iter_mut().zip(&tokens).for_each(|(text, token)| text.push(*token));
        }
    }
    Ok(())
}

#[test]
fn a_step_after_a_long_prompt_costs_a_share_of_the_prompt() -> Result<()> {
    let model = model("llama-untied")?;
    let prompt: Vec<u32> = (0..60).map(|place| 10 + place).collect();
    let prompts = vec![prompt; 40];
    let begin = std::time::Instant::now();
    let mut begun = model.begin(&prompts)?;
    let whole = begin.elapsed();
    let least = (0..3).map(|_| {
        let begin = std::time::Instant::now();
        model.step(&mut begun.memory, &[7; 40]).map(|_| begin.elapsed())
    });
    let step = least.collect::<Result<Vec<_>>>()?.into_iter().min().expect("three steps");
    assert!(step * 4 < whole, "a step takes {step:?}, 60 tokens take {whole:?}");
    Ok(())
}

#[test]
fn drawn_texts_follow_from_the_seed_and_not_from_their_neighbours() -> Result<()> {
    let (model, prompts) = (model("llama-untied")?, prompts());
    let config = GenerationConfig { do_sample: true, max_new_tokens: 12, seed: 5, ..GenerationConfig::default() };
    let texts = model.generate(&prompts, &config)?;
    assert_eq!(texts, model.generate(&prompts, &config)?);
    assert_eq!(texts[..2], model.generate(&prompts[..2], &config)?);
    assert_ne!(texts, model.generate(&prompts, &GenerationConfig { seed: 6, ..config.clone() })?);
    // The likeliest token is all that is left to draw.
    let likeliest = model.generate(&prompts, &GenerationConfig { do_sample: false, ..config.clone() })?;
    for left in [GenerationConfig { top_k: 1, ..config.clone() }, GenerationConfig { top_p: 1e-6, ..config.clone() }] {
        assert_eq!(model.generate(&prompts, &left)?, likeliest);
    }
    Ok(())
}

#[test]
fn tokens_are_drawn_by_their_probability() -> Result<()> {
    let model = model("qwen2-tied")?;
    let draws = 4000;
    let prompts = vec![vec![1, 58, 266]; draws];
    let config = GenerationConfig {
        do_sample: true,
        temperature: 0.7,
        top_k: 40,
        top_p: 0.8,
        max_new_tokens: 1,
        ..GenerationConfig::default()
    };
    let scores = scores_of_the_whole(&model, &prompts[0])?.to_vec1::<f32>()?;
    let mut tokens: Vec<(usize, f64)> = scores.iter().map(|score| f64::from(*score) / 0.7).enumerate().collect();
    tokens.sort_by(|one, other| other.1.total_cmp(&one.1));
    tokens.truncate(40);
    let sum: f64 = tokens.iter().map(|(_, score)| score.exp()).sum();
    let mut share = 0.0;
    tokens.retain(|(_, score)| {
        let is_kept = share < 0.8;
        share += score.exp() / sum;
        is_kept
    });
    let sum: f64 = tokens.iter().map(|(_, score)| score.exp()).sum();
    let mut counts = vec![0usize; scores.len()];
    for text in model.generate(&prompts, &config)? {
        counts[text[0] as usize] += 1;
    }
    let mut drawn = 0;
    for (token, score) in &tokens {
        let probability = score.exp() / sum;
        let expected = probability * draws as f64;
        let deviation = (expected * (1.0 - probability)).sqrt();
        let found = counts[*token];
        assert!((found as f64 - expected).abs() < 5.0 * deviation, "token {token}: {found} of {expected}");
        drawn += found;
    }
    assert_eq!(drawn, draws, "no other token is drawn");
    assert!((2..40).contains(&tokens.len()), "both limits are seen to work: {} tokens", tokens.len());
    Ok(())
}

#[test]
fn what_cannot_be_written_is_refused() -> Result<()> {
    let model = model("gpt2-lm")?;
    let refused = |prompts: &[Vec<u32>], config: GenerationConfig| match model.generate(prompts, &config) {
        Ok(texts) => panic!("{texts:?}"),
        Err(error) => error.to_string(),
    };
    let default = GenerationConfig::default;
    let one = [vec![1, 2]];
    for (prompts, config, words) in [
        (&one[..], GenerationConfig { max_new_tokens: 0, ..default() }, "`max_new_tokens` is 0"),
        (&one, GenerationConfig { max_new_tokens: 64, ..default() }, "leaves room for 63"),
        (
            &one,
            GenerationConfig { do_sample: true, num_beams: 2, ..default() },
            "`do_sample` is true and `num_beams` is 2",
        ),
        (&one, GenerationConfig { temperature: 0.0, ..default() }, "`temperature` is 0"),
        (&one, GenerationConfig { top_p: 1.5, ..default() }, "`top_p` is 1.5"),
        (&one, GenerationConfig { eos_token_id: vec![800], ..default() }, "the token 800 is named"),
        (&[vec![1], Vec::new()], default(), "prompt 1 has no token"),
        (&[vec![1, 900]], default(), "prompt 0 has the token 900, but the model knows 800"),
    ] {
        let message = refused(prompts, config);
        assert!(message.contains(words), "{message}");
    }
    assert!(model.generate(&[], &default())?.is_empty());
    assert_eq!(model.generate(&one, &GenerationConfig { max_new_tokens: 63, ..default() })?[0].len(), 63);
    Ok(())
}

#[test]
fn texts_are_padded_to_the_longest_where_a_padding_token_is_given() -> Result<()> {
    let model = model("gpt2-lm")?;
    let ends: Vec<u32> = (2..800).step_by(5).collect();
    let config = GenerationConfig { eos_token_id: ends, max_new_tokens: 12, ..GenerationConfig::default() };
    let texts = model.generate(&prompts(), &config)?;
    let longest = texts.iter().map(Vec::len).max().expect("texts");
    assert!(texts.iter().any(|text| text.len() < longest), "{texts:?}");
    let padded = model.generate(&prompts(), &GenerationConfig { pad_token_id: Some(0), ..config })?;
    for (text, padded) in texts.iter().zip(&padded) {
        assert_eq!(padded.len(), longest);
        assert!(padded.starts_with(text) && padded[text.len()..].iter().all(|token| *token == 0));
    }
    Ok(())
}
