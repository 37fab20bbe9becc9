//! T5 writes texts for sources.

use candle_core::{DType, Tensor};

use super::T5ForConditionalGeneration;
use crate::error::Result;
use crate::model::Model as _;
use crate::model::causal::batch_of_prompts;
use crate::model::generation::{Begun, Generate};
use crate::model::seq2seq::{Side, begin_with};
use crate::tensor::gradients::without;
use crate::tensor::random::Mode;
use crate::transformer::{KeysAndValues, Source};

impl Generate for T5ForConditionalGeneration {
    type Memory = KeysAndValues;

    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<KeysAndValues>> {
        let start = begin_with(self.decoder_start())?;
        let batch = batch_of_prompts(prompts, self.config.vocab_size, self.parameters.device())?;
        let mut memory = without(|| {
            let source = Side::source(&batch, DType::F32)?;
            let words = self.words.forward(&source.ids)?;
            let rows = self.encoder.forward(&words, &source.layout, None, Mode::Evaluate)?;
            self.decoder.read_source(&Source { layout: &source.layout, rows: &rows })
        })?;
        let scores = self.step(&mut memory, &vec![start; prompts.len()])?;
        Ok(Begun { memory, scores, room: None, read: vec![vec![start]; prompts.len()] })
    }

    fn step(&self, memory: &mut KeysAndValues, tokens: &[u32]) -> Result<Tensor> {
        let target = Side::next(tokens, self.config.vocab_size, self.parameters.device())?;
        without(|| {
            let words = self.words.forward(&target.ids)?;
            let rows = self.decoder.read_on(&words, &target.layout, memory)?;
            self.head.scores(&self.scaled(rows)?)
        })
    }

    fn select(&self, memory: &mut KeysAndValues, rows: &[u32]) -> Result<()> {
        memory.select(rows)
    }
}
