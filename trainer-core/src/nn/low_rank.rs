//! What is added to a layer whose own weight stays: a product through a few dimensions.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use super::Dropout;
use crate::tensor::random::Mode;

/// The sizes and scale of a [`LowRank`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct LowRankSettings {
    /// Dimensions between the two products.
    pub(crate) rank: usize,
    /// What the sum is multiplied with.
    pub(crate) scale: f64,
    /// Share of the layer's input that the adapter does not see while training.
    pub(crate) dropout: f64,
}

/// `scale · (dropout(x) · Aᵀ) · Bᵀ`, `A`: `[rank, inputs]`, `B`: `[outputs, rank]`.
///
/// Source: Hu et al., "LoRA" (2021); `peft.tuners.lora.Linear`.
#[derive(Clone, Debug)]
pub(crate) struct LowRank {
    down: Tensor,
    up: Tensor,
    scale: f64,
    dropout: Dropout,
}

impl LowRank {
    /// The adapter whose parameters `lora_A.weight` and `lora_B.weight` stand below the builder's prefix.
    ///
    /// `A` is drawn as PEFT draws it, uniformly within `1 / sqrt(inputs)` of zero; `B` is zero, so that nothing changes yet.
    pub(crate) fn new(
        (inputs, outputs): (usize, usize),
        settings: LowRankSettings,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let LowRankSettings { rank, scale, dropout } = settings;
        let bound = 1.0 / (inputs as f64).sqrt();
        let init = Init::Uniform { lo: -bound, up: bound };
        Ok(Self {
            down: builder.get_with_hints((rank, inputs), "lora_A.weight", init)?,
            up: builder.get_with_hints((outputs, rank), "lora_B.weight", Init::Const(0.0))?,
            scale,
            dropout: Dropout::new(dropout, &format!("{}.lora_dropout", builder.prefix()))?,
        })
    }

    /// `rows`: `[rows, inputs]`; the result, `[rows, outputs]`, is added to what the layer gives.
    pub(super) fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor> {
        let seen = self.dropout.forward(rows, mode)?;
        seen.matmul(&self.down.t()?)?.matmul(&self.up.t()?)? * self.scale
    }

    /// What the adapter adds to the layer's weight, `[outputs, inputs]`.
    pub(crate) fn of_the_weight(&self) -> Result<Tensor> {
        self.up.detach().matmul(&self.down.detach())? * self.scale
    }
}
