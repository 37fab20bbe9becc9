//! Cross-attention: the part of a decoder's block that looks at a source.
//!
//! What comes in: rows of the target's tokens, and the rows that an encoder gave for the source's tokens. What goes out:
//! what each target token gathers from the tokens of its own source. It refuses a source of another batch.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::TokenLayout;
use super::attention::Attention;
use super::block::Pass;
use super::norm::Norm;
use super::settings::{BlockSettings, CrossNames, Deviations};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::Dropout;

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
        let attended = self.attention.over(source, rows, settings, pass)?;
        Ok(self.dropout.forward(&attended, pass.mode)?)
    }
}

impl Pass<'_> {
    /// The source that blocks with cross-attention look at.
    fn source_of_blocks(&self) -> Result<&Source<'_>> {
        let Some(source) = &self.source else {
            let message = "a block with cross-attention was given no source";
            return Err(Error::new(ErrorKind::Model, message).help("pass the rows that the encoder gave as `source`"));
        };
        let (sources, targets) = (source.layout.batch(), self.layout.batch());
        if sources == targets {
            return Ok(source);
        }
        let message = format!("{targets} targets were given {sources} sources");
        Err(Error::new(ErrorKind::Model, message).help("every target has one source, in the same row of the batch"))
    }
}
