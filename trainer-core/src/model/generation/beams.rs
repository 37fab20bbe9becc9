//! Several texts for each prompt at once, of which the likeliest as a whole is kept.

use std::cmp::Ordering;

use candle_core::{DType, Tensor};

use super::config::EarlyStopping;
use super::scores::{Text, change};
use super::{Begun, Generate, GenerationConfig};
use crate::error::Result;
use crate::nn;

/// What a text counts that no beam follows.
const NEVER: f32 = -1e9;

/// A text that is followed.
#[derive(Clone, Debug)]
struct Beam {
    text: Text,
    /// The logarithm of its probability.
    score: f32,
    /// Its row in the model's memory.
    row: u32,
}

/// The search after one prompt.
struct Search {
    /// The texts that are followed, the likeliest first.
    running: Vec<Beam>,
    /// Texts that have ended, by their score for their length, the best first.
    ended: Vec<(f32, Vec<u32>)>,
    is_over: bool,
}

/// What is written after each prompt.
///
/// Source: `transformers` `GenerationMixin._beam_search`.
pub(super) fn write<M: Generate>(
    model: &M,
    begun: Begun<M::Memory>,
    config: &GenerationConfig,
    ends: &[u32],
) -> Result<Vec<Vec<u32>>> {
    let Begun { mut memory, mut scores, read, .. } = begun;
    let begin = |(read, row): (Vec<u32>, u32)| {
        // All beams begin as one; its double ones are told apart when it goes on in several ways.
        let beam = Beam { text: Text { read, written: Vec::new() }, score: 0.0, row };
        Search { running: vec![beam], ended: Vec::new(), is_over: false }
    };
    let mut searches: Vec<Search> = read.into_iter().zip(0u32..).map(begin).collect();
    loop {
        let rows: Vec<Vec<f32>> = nn::log_softmax(&scores.to_dtype(DType::F32)?)?.to_vec2()?;
        let (mut rows_kept, mut tokens) = (Vec::new(), Vec::new());
        for search in searches.iter_mut().filter(|search| !search.is_over) {
            search.go_on(&rows, config, ends);
            if search.is_over {
                continue;
            }
            for beam in &mut search.running {
                rows_kept.push(beam.row);
                tokens.extend(beam.text.written.last());
                beam.row = rows_kept.len() as u32 - 1;
            }
        }
        if rows_kept.is_empty() {
            return Ok(searches.into_iter().map(Search::best).collect());
        }
        if !is_every_row_in_order(&rows_kept, &scores)? {
            model.select(&mut memory, &rows_kept)?;
        }
        scores = model.step(&mut memory, &tokens)?;
    }
}

fn is_every_row_in_order(rows: &[u32], scores: &Tensor) -> Result<bool> {
    Ok(rows.len() == scores.dim(0)? && rows.iter().zip(0..).all(|(row, index)| *row == index))
}

impl Search {
    /// Every text that is followed goes on with the tokens that make it likeliest; `rows`: the logarithm of each token's
    /// probability, by the row of the memory.
    fn go_on(&mut self, rows: &[Vec<f32>], config: &GenerationConfig, ends: &[u32]) {
        let kept = (1 + ends.len()).max(2) * config.num_beams;
        let candidates = self.candidates(rows, kept, config, ends);
        let length = self.running.first().map_or(0, |beam| beam.text.written.len()) + 1;
        let has_ended = |token: u32| ends.contains(&token) || length >= config.max_new_tokens;
        let mut running = Vec::new();
        let mut could_go_on = false;
        for (place, candidate) in candidates.iter().enumerate() {
            let Candidate { beam, token, score } = candidate;
            let is_end = has_ended(*token);
            could_go_on |= !is_end;
            let continued = || {
                let mut beam = self.running[*beam].clone();
                beam.text.written.push(*token);
                Beam { score: *score, ..beam }
            };
            if !is_end && running.len() < config.num_beams {
                running.push(continued());
            } else if is_end && place < config.num_beams {
                let score = score / (length as f32).powf(config.length_penalty as f32);
                self.ended.push((score, continued().text.written));
            }
        }
        // The order of equals stays: those that ended first win.
        self.ended.sort_by(|one, other| descending(one.0, other.0));
        self.ended.truncate(config.num_beams);
        self.is_over = !could_go_on || running.is_empty() || self.is_decided(&running, length, config);
        self.running = running;
    }

    /// The continuations that are likeliest as a whole, the best first.
    fn candidates(&self, rows: &[Vec<f32>], kept: usize, config: &GenerationConfig, ends: &[u32]) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (index, beam) in self.running.iter().enumerate() {
            let mut scores = rows[beam.row as usize].clone();
            change(&mut scores, &beam.text, config, ends);
            let whole = scores.iter().zip(0u32..).map(|(score, token)| (beam.score + score, token));
            let mut whole: Vec<(f32, u32)> = whole.filter(|(score, _)| *score > NEVER).collect();
            // Of each beam alone no more than all that are kept can be among them.
            if whole.len() > kept {
                whole.select_nth_unstable_by(kept - 1, |one, other| better(*one, *other));
                whole.truncate(kept);
            }
            candidates.extend(whole.into_iter().map(|(score, token)| Candidate { beam: index, token, score }));
        }
        let order = |one: &Candidate, other: &Candidate| {
            descending(one.score, other.score).then((one.beam, one.token).cmp(&(other.beam, other.token)))
        };
        candidates.sort_by(order);
        candidates.truncate(kept);
        candidates
    }

    /// Whether no text that is still followed can win any more.
    fn is_decided(&self, running: &[Beam], length: usize, config: &GenerationConfig) -> bool {
        let (Some(worst), Some(best)) = (self.ended.last(), running.first()) else { return false };
        if self.ended.len() < config.num_beams {
            return false;
        }
        let at_best = match config.early_stopping {
            EarlyStopping::Always => return true,
            EarlyStopping::Never if config.length_penalty > 0.0 => config.max_new_tokens,
            EarlyStopping::Never | EarlyStopping::WhenUnlikely => length,
        };
        best.score / (at_best as f32).powf(config.length_penalty as f32) <= worst.0
    }

    fn best(self) -> Vec<u32> {
        let ended = self.ended.into_iter().next().map(|(_, written)| written);
        // A vocabulary of few tokens may leave no text at its end.
        ended.or_else(|| self.running.into_iter().next().map(|beam| beam.text.written)).unwrap_or_default()
    }
}

/// A text that is followed, and a token that it may go on with.
struct Candidate {
    beam: usize,
    token: u32,
    /// The logarithm of the probability of both.
    score: f32,
}

fn descending(one: f32, other: f32) -> Ordering {
    other.total_cmp(&one)
}

fn better(one: (f32, u32), other: (f32, u32)) -> Ordering {
    descending(one.0, other.0).then(one.1.cmp(&other.1))
}
