//! The encoder and the decoder of T5: blocks, the table of relative positions that they share, and the last norm.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::T5Config;
use crate::error::Result;
use crate::nn::{self, Dropout, RmsNorm};
use crate::tensor::random::Mode;
use crate::transformer::{
    AttentionNames, Block, BlockExtras, BlockNames, CrossNames, Direction, FeedForward, Pass, RelativeBias, Source,
    Stack, TokenLayout, Wanted,
};

const ENCODER_NAMES: BlockNames = BlockNames {
    query: "layer.0.SelfAttention.q",
    key: "layer.0.SelfAttention.k",
    value: "layer.0.SelfAttention.v",
    attention_output: "layer.0.SelfAttention.o",
    attention_norm: "layer.0.layer_norm",
    feed_forward_gate: None,
    feed_forward_in: "layer.1.DenseReluDense.wi",
    feed_forward_out: "layer.1.DenseReluDense.wo",
    output_norm: "layer.1.layer_norm",
};

const GATED_ENCODER_NAMES: BlockNames = BlockNames {
    feed_forward_gate: Some("layer.1.DenseReluDense.wi_0"),
    feed_forward_in: "layer.1.DenseReluDense.wi_1",
    ..ENCODER_NAMES
};

const DECODER_NAMES: BlockNames = BlockNames {
    feed_forward_in: "layer.2.DenseReluDense.wi",
    feed_forward_out: "layer.2.DenseReluDense.wo",
    output_norm: "layer.2.layer_norm",
    ..ENCODER_NAMES
};

const GATED_DECODER_NAMES: BlockNames = BlockNames {
    feed_forward_gate: Some("layer.2.DenseReluDense.wi_0"),
    feed_forward_in: "layer.2.DenseReluDense.wi_1",
    ..DECODER_NAMES
};

const CROSS_NAMES: CrossNames = CrossNames {
    attention: AttentionNames {
        query: "layer.1.EncDecAttention.q",
        key: "layer.1.EncDecAttention.k",
        value: "layer.1.EncDecAttention.v",
        output: "layer.1.EncDecAttention.o",
    },
    norm: "layer.1.layer_norm",
};

/// An encoder, or a decoder.
///
/// Source: Raffel et al., "Exploring the limits of transfer learning" (2020); `transformers` `T5Stack`.
#[derive(Clone, Debug)]
pub(super) struct T5Stack {
    blocks: Stack,
    relative: RelativeBias,
    final_norm: RmsNorm,
    input_dropout: Dropout,
    output_dropout: Dropout,
}

impl T5Stack {
    /// The encoder (bidirectional) or the decoder (causal) whose parameters stand below the builder's prefix.
    pub(super) fn new(config: &T5Config, direction: Direction, builder: &VarBuilder<'_>) -> Result<Self> {
        let (settings, count, cross) = match direction {
            Direction::Bidirectional => (config.encoder_block()?, config.num_layers, None),
            Direction::Causal => (config.decoder_block()?, config.decoder_layers(), Some(CROSS_NAMES)),
        };
        let names = match (direction, settings.feed_forward) {
            (Direction::Bidirectional, FeedForward::Plain) => &ENCODER_NAMES,
            (Direction::Bidirectional, FeedForward::Gated) => &GATED_ENCODER_NAMES,
            (Direction::Causal, FeedForward::Plain) => &DECODER_NAMES,
            (Direction::Causal, FeedForward::Gated) => &GATED_DECODER_NAMES,
        };
        let extras = BlockExtras { cross, deviations: Some(config.deviations()) };
        let of_blocks = builder.pp("block");
        let relative = of_blocks.pp("0.layer.0.SelfAttention.relative_attention_bias");
        let blocks = (0..count).map(|index| Block::with_extras(&settings, names, &extras, &of_blocks.pp(index)));
        let dropout = |place: &str| Dropout::new(config.dropout_rate, &format!("{}.{place}", builder.prefix()));
        Ok(Self {
            relative: RelativeBias::new(&settings, relative)?,
            blocks: Stack::new(blocks.collect::<Result<_>>()?),
            final_norm: nn::rms_norm(config.d_model, config.layer_norm_epsilon, builder.pp("final_layer_norm"))?,
            input_dropout: dropout("input")?,
            output_dropout: dropout("output")?,
        })
    }

    /// What becomes of the words of the tokens, `[tokens, d_model]`.
    pub(super) fn forward(
        &self,
        words: &Tensor,
        layout: &TokenLayout,
        source: Option<Source<'_>>,
        mode: Mode,
    ) -> Result<Tensor> {
        let hidden = self.input_dropout.forward(words, mode)?;
        let relative = self.relative.scores(layout.length(), hidden.device())?;
        let pass = Pass { relative: Some(&relative), source, ..Pass::new(layout, mode) };
        let hidden = self.blocks.forward(&hidden, &pass, Wanted::All)?;
        Ok(self.output_dropout.forward(&self.final_norm.forward(&hidden)?, mode)?)
    }
}
