//! One block: attention and feed-forward layers, in operations of candle that have a gradient on any device.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::attention::Attention;
use super::cross::CrossAttention;
use super::norm::Norm;
use super::settings::{BlockExtras, BlockNames, BlockSettings, Deviations, FeedForward, NormPlace};
use super::{Source, TokenLayout};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::{self, Dropout, Linear};
use crate::tensor::random::Mode;

/// A block of any family: what it computes is in its settings.
///
/// With norms after its parts it gives `h = norm(x + attention(x))`, then `norm(h + feed_forward(h))`; with norms before
/// them `h = x + attention(norm(x))`, then `h + feed_forward(norm(h))`. A decoder's block has cross-attention over a
/// [`Source`] between the two, with a norm of its own in the same place.
///
/// While training it draws from these sites, named after the builder's prefix. Elements are counted so that another way to
/// compute the block can draw the same masks:
///
/// | site | element |
/// |---|---|
/// | `….attention.probabilities` | flat index in `[batch, heads, length, length]`, with the padded length of the batch |
/// | `….attention` (what attention adds) | flat index in `[tokens, hidden]`, real tokens only |
/// | `….cross.probabilities` | flat index in `[batch, heads, length, source length]`, with the padded lengths |
/// | `….cross` (what cross-attention adds) | flat index in `[tokens, hidden]`, real tokens only |
/// | `….inner` (inside of the feed-forward layers) | flat index in `[tokens, intermediate]`, real tokens only |
/// | `….output` (what the feed-forward layers add) | flat index in `[tokens, hidden]`, real tokens only |
///
/// Source: Vaswani et al., "Attention is all you need" (2017); `transformers` `BertLayer`, `GPT2Block`,
/// `LlamaDecoderLayer`, `T5Block`.
#[derive(Clone, Debug)]
pub struct Block {
    pub(super) settings: BlockSettings,
    pub(super) attention: Attention,
    pub(super) attention_norm: Norm,
    pub(super) attention_dropout: Dropout,
    /// In a decoder that reads a source.
    pub(super) cross: Option<CrossAttention>,
    pub(super) feed_forward: FeedForwardLayers,
    pub(super) output_norm: Norm,
    pub(super) output_dropout: Dropout,
}

/// The feed-forward layers of a block.
#[derive(Clone, Debug)]
pub(super) struct FeedForwardLayers {
    /// Activated and multiplied with what `inward` gives; none in [`FeedForward::Plain`].
    pub(super) gate: Option<Linear>,
    pub(super) inward: Linear,
    pub(super) outward: Linear,
    pub(super) dropout: Dropout,
}

/// What every block of one forward pass is given beside the rows.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// Where the tokens stand.
    pub layout: &'a TokenLayout,
    /// What is added to the scores for the distance of two tokens, `[1, heads, length, length]`, as
    /// [`RelativeBias::scores`](super::RelativeBias::scores) gives it; for blocks with relative positions.
    pub relative: Option<&'a Tensor>,
    /// What the blocks of a decoder look at; for blocks with cross-attention.
    pub source: Option<Source<'a>>,
    /// Whether the pass trains.
    pub mode: Mode,
}

impl<'a> Pass<'a> {
    /// A pass of blocks without relative positions and without a source.
    pub fn new(layout: &'a TokenLayout, mode: Mode) -> Self {
        Self { layout, relative: None, source: None, mode }
    }
}

impl Block {
    /// The block whose parameters stand below the builder's prefix.
    ///
    /// # Errors
    /// If the settings do not go together ([`BlockSettings::check`]), or a parameter has another shape.
    pub fn new(settings: &BlockSettings, names: &BlockNames, builder: &VarBuilder<'_>) -> Result<Self> {
        Self::with_extras(settings, names, &BlockExtras::default(), builder)
    }

    /// The same, with what only some families' blocks have.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_extras(
        settings: &BlockSettings,
        names: &BlockNames,
        extras: &BlockExtras,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        settings.check()?;
        let deviations = extras.deviations.unwrap_or_else(|| Deviations::all(settings.initializer_range));
        let cross = extras.cross.as_ref();
        let cross = cross.map(|names| CrossAttention::new(settings, names, &deviations, builder));
        let norm = |name: &str| Norm::new(settings.norm, settings.hidden_size, settings.norm_epsilon, builder.pp(name));
        let dropout = |part| Dropout::new(settings.hidden_dropout, &format!("{}.{part}", builder.prefix()));
        Ok(Self {
            settings: *settings,
            attention: Attention::new(settings, &names.attention(), &deviations, "attention", builder)?,
            attention_norm: norm(names.attention_norm)?,
            attention_dropout: dropout("attention")?,
            cross: cross.transpose()?,
            feed_forward: FeedForwardLayers::new(settings, names, &deviations, builder)?,
            output_norm: norm(names.output_norm)?,
            output_dropout: dropout("output")?,
        })
    }

    /// `hidden`: one row for each real token, `[tokens, hidden]`; the result has its shape.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] if the block has relative positions and the pass no numbers for them, or the block has
    /// cross-attention and the pass no source, or one of another batch.
    pub fn forward(&self, hidden: &Tensor, pass: &Pass<'_>) -> Result<Tensor> {
        let attend = |rows: &Tensor| {
            let attended = self.attention.forward(rows, &self.settings, pass)?;
            Ok(self.attention_dropout.forward(&attended, pass.mode)?)
        };
        let feed = |rows: &Tensor| {
            let outer = self.feed_forward.forward(rows, &self.settings, pass.mode)?;
            Ok(self.output_dropout.forward(&outer, pass.mode)?)
        };
        let mut hidden = self.with(&self.attention_norm, hidden, attend)?;
        if let Some(cross) = &self.cross {
            hidden = self.with(&cross.norm, &hidden, |rows| cross.forward(rows, &self.settings, pass))?;
        }
        self.with(&self.output_norm, &hidden, feed)
    }

    /// `hidden` with what a part adds to it, and the norm before or after.
    pub(super) fn with(
        &self,
        norm: &Norm,
        hidden: &Tensor,
        part: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        match self.settings.norm_place {
            NormPlace::Before => Ok((hidden + part(&norm.forward(hidden)?)?)?),
            NormPlace::After => norm.forward(&(hidden + part(hidden)?)?),
        }
    }
}

impl FeedForwardLayers {
    fn new(
        settings: &BlockSettings,
        names: &BlockNames,
        deviations: &Deviations,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let (hidden, inner) = (settings.hidden_size, settings.intermediate_size);
        let layer = |name: &str, inputs, outputs, deviation| {
            linear(inputs, outputs, settings.biases.feed_forward, deviation, builder.pp(name))
        };
        let (inward, outward) = (deviations.feed_forward_in, deviations.feed_forward_out);
        let gate = match (settings.feed_forward, names.feed_forward_gate) {
            (FeedForward::Plain, _) => None,
            (FeedForward::Gated, Some(name)) => Some(layer(name, hidden, inner, inward)?),
            (FeedForward::Gated, None) => {
                let message = "the family gives its gated feed-forward layers no name for the gate";
                return Err(Error::new(ErrorKind::Model, message));
            }
        };
        Ok(Self {
            gate,
            inward: layer(names.feed_forward_in, hidden, inner, inward)?,
            outward: layer(names.feed_forward_out, inner, hidden, outward)?,
            dropout: Dropout::new(settings.inner_dropout, &format!("{}.inner", builder.prefix()))?,
        })
    }

    pub(super) fn forward(&self, rows: &Tensor, settings: &BlockSettings, mode: Mode) -> Result<Tensor> {
        let inward = self.inward.forward_in(rows, mode)?;
        let inner = match &self.gate {
            Some(gate) => (nn::activate(&gate.forward_in(rows, mode)?, settings.activation)? * inward)?,
            None => nn::activate(&inward, settings.activation)?,
        };
        Ok(self.outward.forward_in(&self.dropout.forward(&inner, mode)?, mode)?)
    }
}

/// A linear layer, with a bias or without.
pub(super) fn linear(
    inputs: usize,
    outputs: usize,
    has_bias: bool,
    deviation: f64,
    builder: VarBuilder<'_>,
) -> candle_core::Result<Linear> {
    let layer = if has_bias { nn::linear } else { nn::linear_without_bias };
    layer(inputs, outputs, deviation, builder)
}

#[cfg(test)]
mod tests;
