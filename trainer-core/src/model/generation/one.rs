//! One text for each prompt, token by token: the likeliest token, or one that is drawn.

use super::scores::{Text, change, probabilities};
use super::{Begun, Generate, GenerationConfig};
use crate::error::Result;
use crate::tensor::random::Stream;

/// What is written after each prompt.
pub(super) fn write<M: Generate>(
    model: &M,
    begun: Begun<M::Memory>,
    config: &GenerationConfig,
    ends: &[u32],
) -> Result<Vec<Vec<u32>>> {
    let Begun { mut memory, mut scores, read, .. } = begun;
    let mut texts: Vec<Text> = read.into_iter().map(|read| Text { read, written: Vec::new() }).collect();
    // The texts that are not at their end, by the row of the memory.
    let mut open: Vec<usize> = (0..texts.len()).collect();
    loop {
        let rows: Vec<Vec<f32>> = scores.to_vec2()?;
        let (mut rows_kept, mut tokens, mut still_open) = (Vec::new(), Vec::new(), Vec::new());
        for ((row, mut scores), index) in (0u32..).zip(rows).zip(open) {
            let text = &mut texts[index];
            change(&mut scores, text, config, ends);
            let token = if config.do_sample {
                drawn(&probabilities(&scores, config), config.seed, index, text.written.len())
            } else {
                likeliest(&scores)
            };
            text.written.push(token);
            if !ends.contains(&token) && text.written.len() < config.max_new_tokens {
                rows_kept.push(row);
                tokens.push(token);
                still_open.push(index);
            }
        }
        open = still_open;
        if open.is_empty() {
            return Ok(texts.into_iter().map(|text| text.written).collect());
        }
        if rows_kept.len() < scores.dim(0)? {
            model.select(&mut memory, &rows_kept)?;
        }
        scores = model.step(&mut memory, &tokens)?;
    }
}

/// The token with the highest score; the first of equals.
fn likeliest(scores: &[f32]) -> u32 {
    let better = |best: (u32, f32), (token, score): (u32, f32)| if score > best.1 { (token, score) } else { best };
    (0u32..).zip(scores.iter().copied()).fold((0, f32::NEG_INFINITY), better).0
}

/// A token by its probability: a function of the seed, the prompt and the place in the text, whatever else is written.
fn drawn(probabilities: &[(u32, f64)], seed: u64, prompt: usize, place: usize) -> u32 {
    let stream = Stream::initialisation(seed, &format!("generation.{prompt}.{place}"));
    let share = stream.uniform(1).first().copied().unwrap_or(0.0);
    let mut sum = 0.0;
    for (token, probability) in probabilities {
        sum += probability;
        if share < sum {
            return *token;
        }
    }
    probabilities.last().map_or(0, |(token, _)| *token)
}
