//! What lies between token ids and the vocabulary's head.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::CausalDescription;
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::nn::kept::Kept;
use crate::nn::weight::Weight;
use crate::nn::{self, Dropout, Embedding, Linear};
use crate::tensor::random::Mode;
use crate::transformer::{Block, BlockExtras, KeysAndValues, Norm, Pass, Stack, TokenLayout, Wanted, noisy};

/// What the vocabulary's head is called in every family.
pub(super) const HEAD: &str = "lm_head";

/// Embeddings, blocks, the norm after them, and the table of the vocabulary's head.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    words: Embedding,
    positions: Option<Embedding>,
    dropout: Dropout,
    blocks: Stack,
    last_norm: Norm,
    /// To `[tokens, vocabulary]`; its weight is the table of words if both are tied.
    head: Linear,
    position_limit: usize,
}

impl Decoder {
    pub(super) fn new(description: &CausalDescription, builder: &VarBuilder<'_>) -> Result<Self> {
        let CausalDescription { names, blocks, hidden_size, vocabulary, .. } = description;
        let Some(settings) = blocks.first() else {
            return Err(Error::new(ErrorKind::Model, "the model has no block"));
        };
        let (width, deviation) = (*hidden_size, settings.initializer_range);
        let root_name = names.prefix.trim_end_matches('.');
        let root = builder.pp(root_name);
        let table = |name: &str, count| nn::embedding(count, width, deviation, root.pp(name));
        let words = table(names.words, *vocabulary)?;
        let layers = root.pp(names.blocks);
        let extras = BlockExtras { deviations: description.deviations, ..BlockExtras::default() };
        let block = |(index, settings)| Block::with_extras(settings, &names.block, &extras, &layers.pp(index));
        let head = if description.ties_embeddings {
            Linear::over(words.weight().clone())
        } else {
            nn::linear_without_bias(width, *vocabulary, deviation, builder.pp(HEAD))?
        };
        Ok(Self {
            positions: names.positions.map(|name| table(name, description.positions)).transpose()?,
            dropout: Dropout::new(description.embedding_dropout, &format!("{root_name}.embeddings"))?,
            blocks: Stack::new(blocks.iter().enumerate().map(block).collect::<Result<_>>()?),
            last_norm: Norm::new(settings.norm, width, settings.norm_epsilon, root.pp(names.last_norm))?,
            head,
            words,
            position_limit: description.positions,
        })
    }

    /// The table that the vocabulary's head multiplies with, `[vocabulary, hidden]`.
    pub(super) fn head(&self) -> Result<Weight> {
        Ok(match self.head.weight() {
            Kept::Whole(weight) => weight,
            quantized @ Kept::Quantized(_) => quantized.value()?.into(),
        })
    }

    /// Scores over the vocabulary, `[rows, vocabulary]`, of rows that are ready for the head.
    pub(super) fn scores(&self, rows: &Tensor) -> Result<Tensor> {
        Ok(self.head.forward(rows)?)
    }

    /// Ids of the vocabulary.
    pub(super) fn vocabulary(&self) -> usize {
        self.words.count()
    }

    /// The row of each real token before the vocabulary's head, `[tokens, hidden]`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a text longer than the positions.
    pub(super) fn forward(&self, batch: &Batch, mode: Mode) -> Result<(Tensor, TokenLayout)> {
        let layout = TokenLayout::of(batch, self.head.dtype())?;
        let longest = layout.token_columns().iter().max().map_or(0, |column| *column as usize + 1);
        if longest > self.position_limit {
            let message =
                format!("a text is {longest} tokens long, but the model has {} positions", self.position_limit);
            let help = format!("set `max_length = {}`", self.position_limit);
            return Err(Error::new(ErrorKind::Data, message).help(help));
        }
        let ids = layout.pack(&batch.input_ids()?.unsqueeze(2)?)?.squeeze(1)?;
        let hidden = self.dropout.forward(
            &self.embed(noisy(&self.words.forward(&ids)?, &layout, mode, "decoder")?, layout.columns())?,
            mode,
        )?;
        let hidden = self.blocks.forward(&hidden, &Pass::new(&layout, mode), Wanted::All)?;
        Ok((self.last_norm.forward(&hidden)?, layout))
    }

    /// The row of the last new token of each sequence before the vocabulary's head, `[rows, hidden]`, after those in `kept`.
    pub(super) fn read_on(&self, batch: &Batch, kept: &mut KeysAndValues) -> Result<Tensor> {
        let layout = TokenLayout::of(batch, self.head.dtype())?;
        let positions = kept.positions(&layout)?;
        if let Some(last) = positions.iter().max().filter(|last| **last as usize >= self.position_limit) {
            let message =
                format!("a text is {} tokens long, but the model has {} positions", last + 1, self.position_limit);
            return Err(
                Error::new(ErrorKind::Data, message).help("take shorter prompts, or a smaller `max_new_tokens`")
            );
        }
        let ids = layout.pack(&batch.input_ids()?.unsqueeze(2)?)?.squeeze(1)?;
        let hidden = self.embed(self.words.forward(&ids)?, &Tensor::new(positions, ids.device())?)?;
        let hidden = self.blocks.read_on(&hidden, &layout, kept, None)?;
        let last: Vec<u32> = layout.sequence_offsets().iter().skip(1).map(|end| end.saturating_sub(1)).collect();
        self.last_norm.forward(&hidden.index_select(&Tensor::new(last, hidden.device())?, 0)?)
    }

    fn embed(&self, words: Tensor, positions: &Tensor) -> Result<Tensor> {
        match &self.positions {
            Some(table) => Ok((words + table.forward(positions)?)?),
            None => Ok(words),
        }
    }
}
