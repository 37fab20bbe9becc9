//! A norm of either kind, in a block and after the last.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::settings::NormKind;
use crate::error::Result;
use crate::nn::{self, LayerNorm, RmsNorm};

/// A norm over the numbers of a token.
#[derive(Clone, Debug)]
pub(crate) enum Norm {
    Layer(LayerNorm),
    RootMeanSquare(RmsNorm),
}

impl Norm {
    pub(crate) fn new(kind: NormKind, width: usize, epsilon: f64, builder: VarBuilder<'_>) -> Result<Self> {
        Ok(match kind {
            NormKind::LayerNorm => Self::Layer(nn::layer_norm(width, epsilon, builder)?),
            NormKind::RmsNorm => Self::RootMeanSquare(nn::rms_norm(width, epsilon, builder)?),
        })
    }

    /// `input`: `[tokens, width]`; the result has its shape.
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Layer(norm) => norm.forward(input)?,
            Self::RootMeanSquare(norm) => norm.forward(input)?,
        })
    }
}
