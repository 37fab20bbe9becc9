//! Causal language models write text.

use candle_core::{Device, Tensor};

use super::{CausalFamily, CausalModel};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model as _;
use crate::model::generation::{Begun, Generate};
use crate::tensor::gradients::without;
use crate::transformer::KeysAndValues;

impl<C: CausalFamily> Generate for CausalModel<C> {
    type Memory = KeysAndValues;

    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<KeysAndValues>> {
        let mut memory = KeysAndValues::default();
        let scores = self.read_on(prompts, &mut memory)?;
        let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
        let room = self.position_limit().map(|limit| limit.saturating_sub(longest));
        Ok(Begun { memory, scores, room, read: prompts.to_vec() })
    }

    fn step(&self, memory: &mut KeysAndValues, tokens: &[u32]) -> Result<Tensor> {
        self.read_on(&tokens.iter().map(|token| vec![*token]).collect::<Vec<_>>(), memory)
    }

    fn select(&self, memory: &mut KeysAndValues, rows: &[u32]) -> Result<()> {
        memory.select(rows)
    }
}

impl<C: CausalFamily> CausalModel<C> {
    /// Reads new tokens of each row, and gives the scores of what follows the last of them.
    fn read_on(&self, rows: &[Vec<u32>], memory: &mut KeysAndValues) -> Result<Tensor> {
        let batch = batch(rows, self.decoder.vocabulary(), self.parameters().device())?;
        without(|| self.decoder.scores(&self.decoder.read_on(&batch, memory)?))
    }
}

/// The rows with padding after their tokens.
fn batch(rows: &[Vec<u32>], vocabulary: usize, device: &Device) -> Result<Batch> {
    for (row, tokens) in rows.iter().enumerate() {
        if tokens.is_empty() {
            return Err(Error::new(ErrorKind::Data, format!("prompt {row} has no token"))
                .help("begin each prompt with at least one token, such as that of the beginning of a text"));
        }
        if let Some(token) = tokens.iter().find(|token| **token as usize >= vocabulary) {
            let message = format!("prompt {row} has the token {token}, but the model knows {vocabulary}");
            return Err(Error::new(ErrorKind::Data, message).help("load the tokenizer of this model"));
        }
    }
    let length = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_even = rows.iter().all(|tokens| tokens.len() == length);
    let padded = rows.iter().flat_map(|tokens| (0..length).map(|column| tokens.get(column).copied().unwrap_or(0)));
    let real = rows.iter().zip(0u32..).flat_map(|(tokens, row)| {
        let first = row * length as u32;
        first..first + tokens.len() as u32
    });
    let real_tokens = (!is_even).then(|| real.collect());
    let input_ids = Tensor::from_vec(padded.collect::<Vec<u32>>(), (rows.len(), length), device)?;
    Ok(Batch { rows: (0..rows.len()).collect(), input_ids: Some(input_ids), real_tokens, ..Batch::default() })
}
