//! One block: attention and feed-forward layers, in operations of candle that have a gradient on any device.

use candle_core::{D, Tensor};
use candle_nn::VarBuilder;

use super::TokenLayout;
use crate::args::rules::{Verdict, Words};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::{self, Dropout, LayerNorm, Linear};
use crate::tensor::Activation;
use crate::tensor::random::Mode;

/// The sizes of a block and what it computes with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockSettings {
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Attention heads; they share `hidden_size` equally.
    pub attention_heads: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// Between the feed-forward layers.
    pub activation: Activation,
    /// Added to the variance in norms.
    pub norm_epsilon: f64,
    /// Dropout of attention's probabilities.
    pub attention_dropout: f64,
    /// Dropout of what attention and the feed-forward layers add.
    pub hidden_dropout: f64,
    /// Deviation of fresh weights.
    pub initializer_range: f64,
}

/// What a family calls the parts of a block, below the block's own prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockNames {
    /// The projection to queries.
    pub query: &'static str,
    /// The projection to keys.
    pub key: &'static str,
    /// The projection to values.
    pub value: &'static str,
    /// The projection of what attention gathered.
    pub attention_output: &'static str,
    /// The norm after attention.
    pub attention_norm: &'static str,
    /// The first feed-forward layer.
    pub feed_forward_in: &'static str,
    /// The second feed-forward layer.
    pub feed_forward_out: &'static str,
    /// The norm after the feed-forward layers.
    pub output_norm: &'static str,
}

/// A block with its norms after each part (post-norm), bidirectional.
///
/// Source: Vaswani et al., "Attention is all you need" (2017); `transformers` `BertLayer`.
#[derive(Clone, Debug)]
pub struct Block {
    attention: Attention,
    attention_norm: LayerNorm,
    feed_forward_in: Linear,
    activation: Activation,
    feed_forward_out: Linear,
    hidden_dropout: Dropout,
    output_dropout: Dropout,
    output_norm: LayerNorm,
}

#[derive(Clone, Debug)]
struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    dropout: Dropout,
    heads: usize,
}

/// Attention heads are equal parts of the hidden size.
pub const fn heads_share_the_hidden_size(hidden: usize, heads: usize) -> Verdict {
    if heads > 0 && hidden.is_multiple_of(heads) {
        return Verdict::Accepted;
    }
    let message = Words::new().then("`hidden_size` is ").number(hidden as i128).then(", which ").number(heads as i128);
    Verdict::refused(
        message.then(if heads == 1 { " attention head" } else { " attention heads" }).then(" cannot share equally"),
        Words::new().then("take a multiple of `num_attention_heads`"),
    )
}

impl Block {
    /// The block whose parameters stand below the builder's prefix.
    ///
    /// # Errors
    /// If the heads do not share the hidden size equally, or a parameter has another shape.
    pub fn new(settings: &BlockSettings, names: &BlockNames, builder: &VarBuilder<'_>) -> Result<Self> {
        let (hidden, inner, heads) = (settings.hidden_size, settings.intermediate_size, settings.attention_heads);
        if let Verdict::Refused { message, help } = heads_share_the_hidden_size(hidden, heads) {
            return Err(Error::new(ErrorKind::Model, message.as_str()).help(help.as_str()));
        }
        let linear =
            |name: &str, inputs, outputs| nn::linear(inputs, outputs, settings.initializer_range, builder.pp(name));
        let dropout = |probability, part: &str| Dropout::new(probability, &format!("{}.{part}", builder.prefix()));
        Ok(Self {
            attention: Attention {
                query: linear(names.query, hidden, hidden)?,
                key: linear(names.key, hidden, hidden)?,
                value: linear(names.value, hidden, hidden)?,
                output: linear(names.attention_output, hidden, hidden)?,
                dropout: dropout(settings.attention_dropout, "attention.probabilities")?,
                heads,
            },
            attention_norm: nn::layer_norm(hidden, settings.norm_epsilon, builder.pp(names.attention_norm))?,
            feed_forward_in: linear(names.feed_forward_in, hidden, inner)?,
            activation: settings.activation,
            feed_forward_out: linear(names.feed_forward_out, inner, hidden)?,
            hidden_dropout: dropout(settings.hidden_dropout, "attention")?,
            output_dropout: dropout(settings.hidden_dropout, "output")?,
            output_norm: nn::layer_norm(hidden, settings.norm_epsilon, builder.pp(names.output_norm))?,
        })
    }

    /// `hidden`: one row for each real token, `[tokens, hidden]`; the result has its shape.
    pub fn forward(&self, hidden: &Tensor, layout: &TokenLayout, mode: Mode) -> Result<Tensor> {
        let attended = self.attention.forward(hidden, layout, mode)?;
        let attended = self.hidden_dropout.forward(&attended, mode)?;
        let hidden = self.attention_norm.forward(&(hidden + attended)?)?;
        let inner = nn::activate(&self.feed_forward_in.forward_in(&hidden, mode)?, self.activation)?;
        let outer = self.output_dropout.forward(&self.feed_forward_out.forward_in(&inner, mode)?, mode)?;
        Ok(self.output_norm.forward(&(hidden + outer)?)?)
    }
}

impl Attention {
    fn forward(&self, hidden: &Tensor, layout: &TokenLayout, mode: Mode) -> Result<Tensor> {
        let query = self.per_head(&self.query.forward_in(hidden, mode)?, layout)?;
        let key = self.per_head(&self.key.forward_in(hidden, mode)?, layout)?;
        let value = self.per_head(&self.value.forward_in(hidden, mode)?, layout)?;
        let scale = 1.0 / (query.dim(D::Minus1)? as f64).sqrt();
        let scores = (query * scale)?.matmul(&key.transpose(2, 3)?)?;
        let probabilities = nn::softmax(&layout.hide_padding(&scores)?)?;
        let probabilities = self.dropout.forward(&probabilities, mode)?;
        let gathered = probabilities.matmul(&value)?.transpose(1, 2)?.contiguous()?.flatten(2, 3)?;
        Ok(self.output.forward_in(&layout.pack(&gathered)?, mode)?)
    }

    /// `[batch, heads, length, hidden / heads]`, of one row for each token.
    fn per_head(&self, packed: &Tensor, layout: &TokenLayout) -> Result<Tensor> {
        let padded = layout.unpack(packed)?;
        let (batch, length, hidden) = padded.dims3()?;
        Ok(padded.reshape((batch, length, self.heads, hidden / self.heads))?.transpose(1, 2)?.contiguous()?)
    }
}
