//! BART writes texts for sources.

use candle_core::Tensor;

use super::BartForConditionalGeneration;
use crate::error::Result;
use crate::model::Model as _;
use crate::model::causal::batch_of_prompts;
use crate::model::generation::{Begun, Generate};
use crate::model::seq2seq::{Side, begin_with};
use crate::tensor::gradients::without;
use crate::transformer::KeysAndValues;

impl Generate for BartForConditionalGeneration {
    type Memory = KeysAndValues;

    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<KeysAndValues>> {
        let start = begin_with(self.decoder_start())?;
        let batch = batch_of_prompts(prompts, self.config.vocab_size, self.parameters.device())?;
        let mut memory = without(|| self.model.read_source(&batch))?;
        let scores = self.step(&mut memory, &vec![start; prompts.len()])?;
        let room = self.config.max_position_embeddings.saturating_sub(1);
        Ok(Begun { memory, scores, room: Some(room), read: vec![vec![start]; prompts.len()] })
    }

    fn step(&self, memory: &mut KeysAndValues, tokens: &[u32]) -> Result<Tensor> {
        let target = Side::next(tokens, self.config.vocab_size, self.parameters.device())?;
        without(|| self.model.read_on(&target, memory))
    }

    fn select(&self, memory: &mut KeysAndValues, rows: &[u32]) -> Result<()> {
        memory.select(rows)
    }
}
