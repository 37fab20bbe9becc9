//! What is added to a layer whose own weight stays: a product through a few dimensions.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use super::kept::Kept;
use super::weight::Weight;
use super::{Dropout, Mask};
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
    /// Whether the lengths of the rows of the weight are trained by themselves.
    pub(crate) trains_lengths: bool,
}

/// `scale · (dropout(x) · Aᵀ) · Bᵀ`, `A`: `[rank, inputs]`, `B`: `[outputs, rank]`; and, if they are trained, the lengths
/// that the rows of the sum of both weights get, `[outputs]`.
///
/// Source: Hu et al., "Low-rank adaptation of large language models" (2021); Liu et al., "Weight-decomposed low-rank
/// adaptation" (2024); `peft.tuners.lora`.
#[derive(Clone, Debug)]
pub(crate) struct LowRank {
    down: Weight,
    up: Weight,
    scale: f64,
    dropout: Dropout,
    has_dropout: bool,
    lengths: Option<Weight>,
}

impl LowRank {
    /// The name of the lengths, below that of the layer.
    pub(crate) const LENGTHS: &'static str = "lora_magnitude_vector";

    /// The adapter whose parameters `lora_A.weight` and `lora_B.weight` stand below the builder's prefix.
    ///
    /// `A` is drawn as PEFT draws it, uniformly within `1 / sqrt(inputs)` of zero; `B` is zero, so that nothing changes yet.
    pub(crate) fn new(
        (inputs, outputs): (usize, usize),
        settings: LowRankSettings,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let LowRankSettings { rank, scale, dropout, trains_lengths } = settings;
        let bound = 1.0 / (inputs as f64).sqrt();
        let init = Init::Uniform { lo: -bound, up: bound };
        let lengths =
            trains_lengths.then(|| Weight::ask(builder, outputs, Self::LENGTHS, Init::Const(0.0))).transpose()?;
        Ok(Self {
            down: Weight::ask(builder, (rank, inputs), "lora_A.weight", init)?,
            up: Weight::ask(builder, (outputs, rank), "lora_B.weight", Init::Const(0.0))?,
            scale,
            dropout: Dropout::new(dropout, &format!("{}.lora_dropout", builder.prefix()))?,
            has_dropout: dropout > 0.0,
            lengths,
        })
    }

    /// The same for `length` of the layer's outputs from `start` on.
    pub(super) fn of_outputs(&self, start: usize, length: usize) -> Result<Self> {
        Ok(Self {
            up: self.up.rows(start, length)?,
            lengths: self.lengths.as_ref().map(|lengths| lengths.rows(start, length)).transpose()?,
            ..self.clone()
        })
    }

    /// What is added to the layer's output, `[rows, outputs]`, for its input `rows`, its `weight` and their `product`.
    pub(super) fn forward(&self, rows: &Tensor, weight: &Kept, product: &Tensor, mode: Mode) -> Result<Tensor> {
        let seen = self.dropout.forward(rows, mode)?;
        let added = (seen.matmul(&self.down.value().t()?)?.matmul(&self.up.value().t()?)? * self.scale)?;
        let Some(lengths) = self.lengths.as_ref().map(Weight::value) else { return Ok(added) };
        // As in the paper, the length of the sum is a constant to the backward pass.
        let ratio = lengths.div(&row_lengths(&self.sum(&weight.whole()?)?)?)?;
        let drops = self.has_dropout && matches!(mode, Mode::Train(_));
        let own = if drops { weight.product_without_gradient(&seen)? } else { product.clone() };
        own.broadcast_mul(&(&ratio - 1.0)?)? + added.broadcast_mul(&ratio)?
    }

    /// The weights of its two products: `[rank, inputs]` and `[outputs, rank]`.
    pub(crate) fn weights(&self) -> (&Weight, &Weight) {
        (&self.down, &self.up)
    }

    /// Rank, scale and dropout of an adapter that is two products and nothing else; `None` for one that trains lengths.
    pub(crate) fn plain(&self, mode: Mode) -> Option<(usize, f32, Option<Mask>)> {
        let rank = self.down.tensor().dims().first().copied()?;
        self.lengths.is_none().then(|| (rank, self.scale as f32, self.dropout.mask(mode)))
    }

    /// The layer's weight with what the adapter adds, `[outputs, inputs]`.
    fn sum(&self, weight: &Tensor) -> Result<Tensor> {
        weight.detach() + (self.up.tensor().detach().matmul(&self.down.tensor().detach())? * self.scale)?
    }

    /// The weight of a plain layer that computes what this layer and its adapter do.
    pub(crate) fn merged(&self, weight: &Tensor) -> Result<Tensor> {
        let sum = self.sum(weight)?;
        match &self.lengths {
            Some(lengths) => sum.broadcast_mul(&lengths.tensor().detach().div(&row_lengths(&sum)?)?.unsqueeze(1)?),
            None => Ok(sum),
        }
    }

    /// The lengths to begin with, if they are trained and the adapter has not learnt yet.
    pub(crate) fn first_lengths(&self, weight: &Kept) -> Result<Option<Tensor>> {
        if self.lengths.is_none() {
            return Ok(None);
        }
        let learnt = self.up.tensor().detach().ne(0.0)?.to_dtype(DType::U32)?.sum_all()?.to_scalar::<u32>()?;
        if learnt == 0 { row_lengths(&weight.whole()?.detach()).map(Some) } else { Ok(None) }
    }
}

fn row_lengths(weight: &Tensor) -> Result<Tensor> {
    weight.sqr()?.sum(D::Minus1)?.sqrt()
}
