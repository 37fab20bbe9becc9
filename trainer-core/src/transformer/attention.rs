//! Attention over the tokens of each sequence, or of another sequence that belongs to it.

use candle_core::{D, Tensor};
use candle_nn::VarBuilder;

use super::block::{Pass, linear};
use super::settings::{AttentionNames, BlockSettings, Deviations, Positions};
use super::{TokenLayout, rotary};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::{self, Dropout, Linear};

/// The layers of attention; their sizes are the settings' of the block.
#[derive(Clone, Debug)]
pub(super) struct Attention {
    /// To `[tokens, attention_width]`.
    pub(super) query: Linear,
    /// To `[tokens, key_value_width]`.
    pub(super) key: Linear,
    /// To `[tokens, key_value_width]`.
    pub(super) value: Linear,
    /// From `[tokens, attention_width]` to `[tokens, hidden]`.
    pub(super) output: Linear,
    /// Of the probabilities, by their flat index in `[batch, heads, length, length]`.
    pub(super) dropout: Dropout,
}

impl Attention {
    /// `site`: what its place in the block is called where it draws.
    pub(super) fn new(
        settings: &BlockSettings,
        names: &AttentionNames,
        deviations: &Deviations,
        site: &str,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let (hidden, gathered, kept) = (settings.hidden_size, settings.attention_width(), settings.key_value_width());
        let layer =
            |name: &str, inputs, outputs, bias, deviation| linear(inputs, outputs, bias, deviation, builder.pp(name));
        let (biases, of) = (settings.biases, deviations);
        let bias = biases.query_key_value;
        let [query, key, value] = if names.query == names.key {
            nn::linear_in_parts(hidden, [gathered, kept, kept], bias, of.query, builder.pp(names.query))?
        } else {
            [
                layer(names.query, hidden, gathered, bias, of.query)?,
                layer(names.key, hidden, kept, bias, of.key_value)?,
                layer(names.value, hidden, kept, bias, of.key_value)?,
            ]
        };
        Ok(Self {
            query,
            key,
            value,
            output: layer(names.output, gathered, hidden, biases.attention_output, of.attention_output)?,
            dropout: Dropout::new(settings.attention_dropout, &format!("{}.{site}.probabilities", builder.prefix()))?,
        })
    }

    /// What each token gathers from those it attends to; `hidden` and the result: `[tokens, hidden]`.
    pub(super) fn forward(&self, hidden: &Tensor, settings: &BlockSettings, pass: &Pass<'_>) -> Result<Tensor> {
        let mut query = self.query.forward_in(hidden, pass.mode)?;
        let mut key = self.key.forward_in(hidden, pass.mode)?;
        let value = self.value.forward_in(hidden, pass.mode)?;
        if let Positions::Rotary(rotary) = settings.positions {
            let angles = pass.layout.rotary_angles(rotary, settings.head_size)?;
            query = rotary::turned(&query, settings.head_size, &angles)?;
            key = rotary::turned(&key, settings.head_size, &angles)?;
        }
        let gathered = self.gathered([&query, &key, &value], settings, pass)?;
        self.output.forward_in(&pass.layout.pack(&gathered)?, pass.mode).map_err(Into::into)
    }

    /// `[batch, length, attention_width]` of packed queries, keys and values.
    fn gathered(&self, [query, key, value]: [&Tensor; 3], settings: &BlockSettings, pass: &Pass<'_>) -> Result<Tensor> {
        let (layout, heads, key_heads) = (pass.layout, settings.attention_heads, settings.key_value_heads);
        let query = per_head(query, heads, layout)?;
        let (key, value) = (per_head(key, key_heads, layout)?, per_head(value, key_heads, layout)?);
        let (batch, _, length, size) = query.dims4()?;
        // The queries of the heads that share keys stand one below the other, so that no key is copied.
        let stacked = (batch, key_heads, heads / key_heads * length, size);
        let query = (query * settings.attention_scale)?;
        let scores = query.reshape(stacked)?.matmul(&key.transpose(2, 3)?)?.reshape((batch, heads, length, length))?;
        let scores = match (settings.positions, pass.relative) {
            (Positions::Relative { .. }, Some(relative)) => scores.broadcast_add(relative)?,
            (Positions::Relative { .. }, None) => {
                let message = "a block with relative positions was given no numbers for the distances of tokens";
                return Err(Error::new(ErrorKind::Model, message).help("pass what `RelativeBias` gives to every block"));
            }
            _ => scores,
        };
        let probabilities = nn::softmax(&layout.hide(&scores, settings.direction)?)?;
        let probabilities = self.dropout.forward(&probabilities, pass.mode)?;
        let gathered = probabilities.reshape((batch, key_heads, heads / key_heads * length, length))?.matmul(&value)?;
        Ok(gathered.reshape((batch, heads, length, size))?.transpose(1, 2)?.contiguous()?.flatten_from(D::Minus2)?)
    }
}

/// `[batch, heads, length, size]`, of one row for each token.
pub(super) fn per_head(packed: &Tensor, heads: usize, layout: &TokenLayout) -> Result<Tensor> {
    let padded = layout.unpack(packed)?;
    let (batch, length, width) = padded.dims3()?;
    Ok(padded.reshape((batch, length, heads, width / heads))?.transpose(1, 2)?.contiguous()?)
}
