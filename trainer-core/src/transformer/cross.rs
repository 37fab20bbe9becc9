//! Cross-attention: the part of a decoder's block that looks at a source.
//!
//! What comes in: rows of the target's tokens, and the rows that an encoder gave for the source's tokens. What goes out:
//! what each target token gathers from the tokens of its own source. It refuses a source of another batch.

use candle_core::{D, Tensor};
use candle_nn::VarBuilder;

use super::TokenLayout;
use super::attention::{Attention, per_head};
use super::block::{Block, Pass};
use super::norm::Norm;
use super::settings::{BlockSettings, CrossNames, Deviations, Direction};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::{self, Dropout};
use crate::tensor::random::Mode;

/// What the blocks of a decoder look at beside their own tokens: target sequence `i` sees the real tokens of source `i`.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where the tokens of the source stand.
    pub layout: &'a TokenLayout,
    /// What an encoder gave for them, one row for each real token, `[source tokens, hidden]`.
    pub rows: &'a Tensor,
}

/// Cross-attention with its norm and dropout.
#[derive(Clone, Debug)]
pub(super) struct CrossAttention {
    pub(super) attention: Attention,
    pub(super) norm: Norm,
    /// Of what it adds.
    pub(super) dropout: Dropout,
}

impl CrossAttention {
    pub(super) fn new(
        settings: &BlockSettings,
        names: &CrossNames,
        deviations: &Deviations,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let (kind, width, epsilon) = (settings.norm, settings.hidden_size, settings.norm_epsilon);
        Ok(Self {
            attention: Attention::new(settings, &names.attention, deviations, "cross", builder)?,
            norm: Norm::new(kind, width, epsilon, builder.pp(names.norm))?,
            dropout: Dropout::new(settings.hidden_dropout, &format!("{}.cross", builder.prefix()))?,
        })
    }

    /// What it adds to `rows`, `[tokens, hidden]`.
    pub(super) fn forward(&self, rows: &Tensor, settings: &BlockSettings, pass: &Pass<'_>) -> Result<Tensor> {
        let source = pass.source_of_blocks()?;
        let keys_and_values = self.keys_and_values(source, settings, pass.mode)?;
        let hide = |scores: &Tensor| source.layout.hide(scores, Direction::Bidirectional);
        let attended = self.gathered(rows, &keys_and_values, hide, settings, pass)?;
        Ok(self.dropout.forward(&attended, pass.mode)?)
    }

    /// What the source is asked for, `[batch, key_value_heads, source length, head_size]` each.
    fn keys_and_values(&self, source: &Source<'_>, settings: &BlockSettings, mode: Mode) -> Result<(Tensor, Tensor)> {
        let heads = settings.key_value_heads;
        let key = per_head(&self.attention.key.forward_in(source.rows, mode)?, heads, source.layout)?;
        Ok((key, per_head(&self.attention.value.forward_in(source.rows, mode)?, heads, source.layout)?))
    }

    /// What each row of the target gathers, `[tokens, hidden]`; `hide` makes scores of places without a token very low.
    fn gathered(
        &self,
        rows: &Tensor,
        (key, value): &(Tensor, Tensor),
        hide: impl Fn(&Tensor) -> Result<Tensor>,
        settings: &BlockSettings,
        pass: &Pass<'_>,
    ) -> Result<Tensor> {
        let (heads, key_heads) = (settings.attention_heads, settings.key_value_heads);
        let Attention { query, output, dropout, .. } = &self.attention;
        let query = (query.forward_in(rows, pass.mode)? * settings.attention_scale)?;
        let query = per_head(&query, heads, pass.layout)?;
        let (batch, _, length, size) = query.dims4()?;
        // The queries of the heads that share keys stand one below the other, so that no key is copied.
        let (stacked, places) = (heads / key_heads * length, key.dim(2)?);
        let scores = query.reshape((batch, key_heads, stacked, size))?.matmul(&key.transpose(2, 3)?)?;
        let probabilities = nn::softmax(&hide(&scores.reshape((batch, heads, length, places))?)?)?;
        let probabilities = dropout.forward(&probabilities, pass.mode)?;
        let gathered = probabilities.reshape((batch, key_heads, stacked, places))?.matmul(value)?;
        let gathered = gathered.reshape((batch, heads, length, size))?.transpose(1, 2)?.contiguous()?;
        let gathered = pass.layout.pack(&gathered.flatten_from(D::Minus2)?)?;
        output.forward_in(&gathered, pass.mode).map_err(Into::into)
    }
}

/// What a decoder keeps of its sources while it writes: their keys and values are computed once.
#[derive(Clone, Debug)]
pub(super) struct KeptSource {
    /// Of each block, `[rows, key_value_heads, source places, head_size]`.
    of_blocks: Vec<(Tensor, Tensor)>,
    /// What is added to the scores, `[rows, 1, 1, source places]`.
    mask: Tensor,
    /// The source of each row. Several rows may go on from one.
    sources: Vec<u32>,
}

impl KeptSource {
    /// What these blocks ask the sources for.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for blocks without cross-attention.
    pub(super) fn of(blocks: &[Block], source: &Source<'_>) -> Result<Self> {
        let of_block = |block: &Block| match &block.cross {
            Some(cross) => cross.keys_and_values(source, &block.settings, Mode::Evaluate),
            None => Err(Error::new(ErrorKind::Model, "these blocks look at no source")),
        };
        let (batch, length) = (source.layout.batch(), source.layout.length());
        let zeros = Tensor::zeros((batch, 1, 1, length), source.rows.dtype(), source.rows.device())?;
        Ok(Self {
            of_blocks: blocks.iter().map(of_block).collect::<Result<_>>()?,
            mask: source.layout.hide(&zeros, Direction::Bidirectional)?,
            sources: (0..batch as u32).collect(),
        })
    }

    /// Keeps these rows, in this order.
    pub(super) fn select(&mut self, rows: &[u32]) -> Result<()> {
        let sources: Vec<u32> = rows.iter().filter_map(|row| self.sources.get(*row as usize).copied()).collect();
        // Rows that go on from the same sources in the same order find the same keys and values.
        if sources != self.sources {
            let indices = Tensor::new(rows, self.mask.device())?;
            for (keys, values) in &mut self.of_blocks {
                *keys = keys.index_select(&indices, 0)?;
                *values = values.index_select(&indices, 0)?;
            }
            self.mask = self.mask.index_select(&indices, 0)?;
            self.sources = sources;
        }
        Ok(())
    }

    /// What the rows gather from their sources in block `index`, with what came before; nothing is dropped.
    pub(super) fn read_by(
        kept: Option<&Self>,
        block: &Block,
        index: usize,
        hidden: Tensor,
        layout: &TokenLayout,
    ) -> Result<Tensor> {
        let Some(cross) = &block.cross else { return Ok(hidden) };
        let Some((kept, keys_and_values)) = kept.and_then(|kept| Some((kept, kept.of_blocks.get(index)?))) else {
            return Err(no_source());
        };
        let pass = Pass::new(layout, Mode::Evaluate);
        let hide = |scores: &Tensor| Ok(scores.broadcast_add(&kept.mask)?);
        let part = |rows: &Tensor| cross.gathered(rows, keys_and_values, hide, &block.settings, &pass);
        block.with(&cross.norm, &hidden, part)
    }
}

fn no_source() -> Error {
    let message = "a block with cross-attention was given no source";
    Error::new(ErrorKind::Model, message).help("pass the rows that the encoder gave as `source`")
}

impl Pass<'_> {
    /// The source that blocks with cross-attention look at.
    fn source_of_blocks(&self) -> Result<&Source<'_>> {
        let Some(source) = &self.source else { return Err(no_source()) };
        let (sources, targets) = (source.layout.batch(), self.layout.batch());
        if sources == targets {
            return Ok(source);
        }
        let message = format!("{targets} targets were given {sources} sources");
        Err(Error::new(ErrorKind::Model, message).help("every target has one source, in the same row of the batch"))
    }
}

#[cfg(test)]
mod tests;
