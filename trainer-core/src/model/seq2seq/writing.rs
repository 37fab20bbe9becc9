//! Models write texts for sources.

use candle_core::{DType, Tensor};

use super::side::Side;
use super::{Seq2SeqFamily, Seq2SeqModel};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model as _;
use crate::model::causal::batch_of_prompts;
use crate::model::generation::{Begun, Generate, OwnGeneration};
use crate::tensor::gradients::without;
use crate::tensor::random::Mode;
use crate::transformer::{KeysAndValues, Source};

impl<C: Seq2SeqFamily> Generate for Seq2SeqModel<C> {
    type Memory = KeysAndValues;

    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<KeysAndValues>> {
        let own = self.parameters().attached::<OwnGeneration>().and_then(|own| own.decoder_start);
        let start = own.or(self.description.decoder_start.map(|start| start.start)).ok_or_else(|| {
            Error::new(ErrorKind::Model, "the configuration names no id that the decoder begins with")
                .help("set `decoder_start_token_id` and `pad_token_id` in `config.json`")
        })?;
        let batch = batch_of_prompts(prompts, self.description.encoder.vocabulary, self.parameters().device())?;
        let mut memory = without(|| {
            let source = Side::source(&batch, DType::F32)?;
            let rows = self.encoder.forward(&source, None, Mode::Evaluate)?;
            self.decoder.read_source(&Source { layout: &source.layout, rows: &rows })
        })?;
        let scores = self.step(&mut memory, &vec![start; prompts.len()])?;
        // The decoder has read its start.
        let room = self.description.decoder.position_limit.map(|limit| limit.saturating_sub(1));
        Ok(Begun { memory, scores, room, read: vec![vec![start]; prompts.len()] })
    }

    fn step(&self, memory: &mut KeysAndValues, tokens: &[u32]) -> Result<Tensor> {
        let target = Side::next(tokens, self.description.decoder.vocabulary, self.parameters().device())?;
        without(|| self.head.scores(&self.decoder.read_on(&target, memory)?))
    }

    fn select(&self, memory: &mut KeysAndValues, rows: &[u32]) -> Result<()> {
        memory.select(rows)
    }
}
