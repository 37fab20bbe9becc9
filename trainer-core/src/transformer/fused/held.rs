//! The stages of blocks as an operation holds them: the tensors, where their gradients go, and their slices.

use candle_core::quantized::QTensor;
use candle_core::{CpuStorage, DType, Device, Result, Storage, Tensor, bail};

use super::parts::{AdapterParts, FeedForwardParts, LinearParts, NormParts, StageParts};
use super::plan::{AdapterPlan, Adapters, StagePlan};
use crate::nn::kept::Kept;
use crate::nn::weight::Weight;
use crate::nn::{Dropout, Linear, LowRank};
use crate::tensor::gradients::GradientSlot;
use crate::tensor::random::Mode;
use crate::transformer::attention::Attention;
use crate::transformer::norm::Norm;
use crate::transformer::{Block, BlockSettings, Direction, Positions};
use std::sync::Arc;

/// A parameter of a stage.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) value: Value,
    pub(super) delivery: Delivery,
}

/// The numbers of a parameter.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Whole(Tensor),
    /// In fewer bits: brought back to whole numbers for the block that is computed.
    Quantized(Arc<QTensor>),
}

impl Value {
    fn whole(&self) -> Result<Tensor> {
        match self {
            Self::Whole(tensor) => Ok(tensor.clone()),
            Self::Quantized(packed) => packed.dequantize(&Device::Cpu),
        }
    }
}

/// Where the gradient of a parameter goes.
#[derive(Clone, Debug)]
pub(super) enum Delivery {
    /// It has none.
    Nowhere,
    /// To the slot of the parameter.
    Slot(Arc<GradientSlot>),
    /// To candle's store of gradients, by way of the graph.
    Graph,
}

impl Held {
    fn of(weight: &Weight) -> Self {
        let delivery = match weight.slot() {
            Some(slot) => Delivery::Slot(Arc::clone(slot)),
            None if weight.gets_gradient() && weight.tensor().track_op() => Delivery::Graph,
            None => Delivery::Nowhere,
        };
        Self { value: Value::Whole(weight.tensor().clone()), delivery }
    }

    fn of_layer(layer: &Linear) -> Self {
        match layer.weight() {
            Kept::Whole(weight) => Self::of(&weight),
            Kept::Quantized(packed) => Self { value: Value::Quantized(packed), delivery: Delivery::Nowhere },
        }
    }

    /// The parameter, if it is kept as it is: only such a one is trained.
    pub(super) fn tensor(&self) -> Option<&Tensor> {
        match &self.value {
            Value::Whole(tensor) => Some(tensor),
            Value::Quantized(_) => None,
        }
    }

    pub(super) fn gets_gradient(&self) -> bool {
        !matches!(self.delivery, Delivery::Nowhere)
    }

    fn is_covered(&self) -> bool {
        let fits = |tensor: &Tensor| tensor.device().is_cpu() && tensor.dtype() == DType::F32 && tensor.is_contiguous();
        self.tensor().is_none_or(fits)
    }
}

/// A stage as an operation holds it.
pub(super) type HeldStage = (StageParts<Held>, StagePlan);

/// The stages of a block; `None` for a block that this way does not cover.
pub(super) fn stages(block: &Block, mode: Mode) -> Option<Vec<HeldStage>> {
    let own = AttentionStage {
        attention: &block.attention,
        norm: &block.attention_norm,
        dropout: &block.attention_dropout,
        reads_source: false,
    };
    let Some(cross) = &block.cross else { return Some(vec![stage(block, &own, true, mode)?]) };
    let of_source =
        AttentionStage { attention: &cross.attention, norm: &cross.norm, dropout: &cross.dropout, reads_source: true };
    Some(vec![stage(block, &own, false, mode)?, stage(block, &of_source, true, mode)?])
}

/// The attention of a stage.
struct AttentionStage<'a> {
    attention: &'a Attention,
    norm: &'a Norm,
    dropout: &'a Dropout,
    reads_source: bool,
}

/// A stage, with the feed-forward layers of its block if they belong to it.
fn stage(block: &Block, of: &AttentionStage<'_>, feeds_forward: bool, mode: Mode) -> Option<HeldStage> {
    let attention = of.attention;
    let (query, query_adapter) = linear(&attention.query, mode)?;
    let (key, key_adapter) = linear(&attention.key, mode)?;
    let (value, value_adapter) = linear(&attention.value, mode)?;
    let (output, output_adapter) = linear(&attention.output, mode)?;
    let mut adapters = Adapters {
        query: query_adapter,
        key: key_adapter,
        value: value_adapter,
        output: output_adapter,
        ..Adapters::default()
    };
    let feed_forward = if feeds_forward { Some(feed_forward(block, &mut adapters, mode)?) } else { None };
    let parts = StageParts { query, key, value, output, norm: norm(of.norm), feed_forward };
    let mut covered = true;
    parts.map(|held| covered &= held.is_covered());
    let (positions, direction) = if of.reads_source {
        (Positions::Embedded, Direction::Bidirectional)
    } else {
        (block.settings.positions, block.settings.direction)
    };
    let of_layers = |dropout: &Dropout| if feeds_forward { dropout.mask(mode) } else { None };
    let plan = StagePlan {
        settings: BlockSettings { positions, direction, ..block.settings },
        reads_source: of.reads_source,
        probabilities: attention.dropout.mask(mode),
        attention: of.dropout.mask(mode),
        inner: of_layers(&block.feed_forward.dropout),
        output: of_layers(&block.output_dropout),
        adapters: adapters.placed(),
    };
    covered.then_some((parts, plan))
}

fn feed_forward(block: &Block, adapters: &mut Adapters, mode: Mode) -> Option<FeedForwardParts<Held>> {
    let layers = &block.feed_forward;
    let (inward, of_inward) = linear(&layers.inward, mode)?;
    let (outward, of_outward) = linear(&layers.outward, mode)?;
    let (gate, of_gate) = match &layers.gate {
        Some(gate) => linear(gate, mode).map(|(gate, adapter)| (Some(gate), adapter))?,
        None => (None, None),
    };
    *adapters = Adapters { gate: of_gate, inward: of_inward, outward: of_outward, ..*adapters };
    Some(FeedForwardParts { gate, inward, outward, norm: norm(&block.output_norm) })
}

fn linear(layer: &Linear, mode: Mode) -> Option<(LinearParts<Held>, Option<AdapterPlan>)> {
    let adapter = layer.adapter().ok()?;
    let plan = match &adapter {
        Some(adapter) => {
            let (rank, scale, mask) = adapter.plain(mode)?;
            Some(AdapterPlan { rank, scale, mask, column: 0 })
        }
        None => None,
    };
    let parts = LinearParts {
        weight: Held::of_layer(layer),
        bias: layer.bias().map(Held::of),
        adapter: adapter.as_ref().map(adapter_parts),
    };
    Some((parts, plan))
}

fn adapter_parts(adapter: &LowRank) -> AdapterParts<Held> {
    let (down, up) = adapter.weights();
    AdapterParts { down: Held::of(down), up: Held::of(up) }
}

fn norm(norm: &Norm) -> NormParts<Held> {
    match norm {
        Norm::Layer(norm) => {
            let (weight, bias) = norm.weights();
            NormParts { weight: Held::of(weight), bias: Some(Held::of(bias)) }
        }
        Norm::RootMeanSquare(norm) => NormParts { weight: Held::of(norm.weight()), bias: None },
    }
}

/// Runs `work` with the numbers of every parameter of a stage.
pub(super) fn with_slices<R>(
    parts: &StageParts<Held>,
    work: impl FnOnce(&StageParts<&[f32]>) -> Result<R>,
) -> Result<R> {
    let whole = parts.try_map(|held| held.value.whole())?;
    let guards = whole.map(|tensor| tensor.storage_and_layout());
    let slices = guards.try_map(|(storage, layout)| {
        let Storage::Cpu(CpuStorage::F32(values)) = &**storage else {
            bail!("the parameters of a block are not f32 in the memory of the CPU")
        };
        match layout.contiguous_offsets() {
            Some((start, end)) => Ok(&values[start..end]),
            None => bail!("the numbers of a parameter do not lie one behind the other"),
        }
    })?;
    work(&slices)
}
