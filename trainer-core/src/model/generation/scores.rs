//! What is changed about scores before a token is taken.

use std::collections::BTreeSet;

use super::GenerationConfig;

/// A text that is being written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    /// What the model has read before the first token that is written.
    pub(super) read: Vec<u32>,
    /// What is written so far.
    pub(super) written: Vec<u32>,
}

impl Text {
    /// All tokens, in their order.
    fn tokens(&self) -> impl Iterator<Item = u32> + '_ {
        self.read.iter().chain(&self.written).copied()
    }
}

/// Changes the scores of the token that comes next in a text, as the settings say for every way to take it; `ends` are the
/// tokens that end a text.
///
/// Source: `transformers` `RepetitionPenaltyLogitsProcessor`, `NoRepeatNGramLogitsProcessor`,
/// `MinNewTokensLengthLogitsProcessor`, `ForcedBOSTokenLogitsProcessor`, `ForcedEOSTokenLogitsProcessor`,
/// `SuppressTokensLogitsProcessor`, in this order.
pub(super) fn change(scores: &mut [f32], text: &Text, config: &GenerationConfig, ends: &[u32]) {
    let penalty = config.repetition_penalty as f32;
    if penalty.to_bits() != 1f32.to_bits() {
        for token in text.tokens().collect::<BTreeSet<_>>() {
            if let Some(score) = scores.get_mut(token as usize) {
                *score = if *score < 0.0 { *score * penalty } else { *score / penalty };
            }
        }
    }
    if config.no_repeat_ngram_size > 0 {
        let all: Vec<u32> = text.tokens().collect();
        hide(scores, repeating(&all, config.no_repeat_ngram_size));
    }
    if text.written.len() < config.min_new_tokens {
        hide(scores, ends.iter().copied());
    }
    if text.written.is_empty()
        && let Some(first) = config.forced_bos_token_id
    {
        keep_only(scores, first);
    }
    if text.written.len() + 1 == config.max_new_tokens
        && let Some(last) = config.forced_eos_token_id
    {
        keep_only(scores, last);
    }
    hide(scores, config.suppress_tokens.iter().copied());
}

fn hide(scores: &mut [f32], tokens: impl IntoIterator<Item = u32>) {
    for token in tokens {
        if let Some(score) = scores.get_mut(token as usize) {
            *score = f32::NEG_INFINITY;
        }
    }
}

fn keep_only(scores: &mut [f32], token: u32) {
    scores.fill(f32::NEG_INFINITY);
    if let Some(score) = scores.get_mut(token as usize) {
        *score = 0.0;
    }
}

/// The tokens that would repeat `size` tokens of the text.
fn repeating(text: &[u32], size: usize) -> Vec<u32> {
    let Some(start) = (text.len() + 1).checked_sub(size) else { return Vec::new() };
    let last = &text[start..];
    let before = text.windows(size).filter_map(|window| window.split_last());
    before.filter(|(_, start)| *start == last).map(|(token, _)| *token).collect()
}

/// The probability of each token to be drawn, highest first, of those that `temperature`, `top_k` and `top_p` leave.
///
/// Source: `transformers` `TemperatureLogitsWarper`, `TopKLogitsWarper`, `TopPLogitsWarper`, in this order.
pub(super) fn probabilities(scores: &[f32], config: &GenerationConfig) -> Vec<(u32, f64)> {
    let scores = scores.iter().zip(0u32..).filter(|(score, _)| **score > f32::NEG_INFINITY);
    let mut tokens: Vec<(u32, f64)> =
        scores.map(|(score, token)| (token, f64::from(*score) / config.temperature)).collect();
    tokens.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    if let Some(lowest) = config.top_k.checked_sub(1).and_then(|last| tokens.get(last)).map(|(_, score)| *score) {
        // Tokens of the same score are all kept.
        tokens.retain(|(_, score)| *score >= lowest);
    }
    let highest = tokens.first().map_or(0.0, |(_, score)| *score);
    let mut sum = 0.0;
    for (_, score) in &mut tokens {
        *score = (*score - highest).exp();
        sum += *score;
    }
    if config.top_p < 1.0 {
        let (mut share, mut kept) = (0.0, 0);
        for (_, weight) in &tokens {
            // The token that reaches the share is kept.
            if share >= config.top_p {
                break;
            }
            share += weight / sum;
            kept += 1;
        }
        tokens.truncate(kept.max(1));
        sum = tokens.iter().map(|(_, weight)| weight).sum();
    }
    for (_, weight) in &mut tokens {
        *weight /= sum;
    }
    tokens
}
