//! A stack of small blocks, its parameters, and rows to give it.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};

use crate::collate::Batch;
use crate::error::Result;
use crate::nn::{LinearLayers, LowRank, LowRankSettings};
use crate::tensor::Activation;
use crate::tensor::params::Parameters;
use crate::tensor::random::{Mode, Moment, Stream};
use crate::transformer::{
    AttentionNames, Biases, Block, BlockExtras, BlockNames, BlockSettings, CrossNames, Direction, FeedForward,
    NormKind, NormPlace, Pass, Positions, RelativeBias, Source, Stack, TokenLayout, Wanted,
};

pub(super) const NAMES: BlockNames = BlockNames {
    query: "query",
    key: "key",
    value: "value",
    attention_output: "output",
    attention_norm: "attention_norm",
    feed_forward_gate: Some("gate"),
    feed_forward_in: "inward",
    feed_forward_out: "outward",
    output_norm: "output_norm",
};

const CROSS: CrossNames = CrossNames {
    attention: AttentionNames { query: "cross.query", key: "cross.key", value: "cross.value", output: "cross.output" },
    norm: "cross_norm",
};

pub(super) const BERT: BlockSettings = BlockSettings {
    hidden_size: 24,
    attention_heads: 4,
    key_value_heads: 4,
    head_size: 6,
    intermediate_size: 40,
    feed_forward: FeedForward::Plain,
    activation: Activation::Gelu,
    norm: NormKind::LayerNorm,
    norm_place: NormPlace::After,
    norm_epsilon: 1e-5,
    positions: Positions::Embedded,
    direction: Direction::Bidirectional,
    attention_scale: 0.4,
    biases: Biases::ALL,
    attention_dropout: 0.0,
    hidden_dropout: 0.0,
    inner_dropout: 0.0,
    initializer_range: 0.15,
};

pub(super) const LLAMA: BlockSettings = BlockSettings {
    key_value_heads: 2,
    head_size: 8,
    feed_forward: FeedForward::Gated,
    activation: Activation::Silu,
    norm: NormKind::RmsNorm,
    norm_place: NormPlace::Before,
    positions: Positions::Rotary { base: 10000.0 },
    direction: Direction::Causal,
    biases: Biases::NONE,
    ..BERT
};

pub(super) const GPT2: BlockSettings = BlockSettings {
    activation: Activation::GeluTanh,
    norm_place: NormPlace::Before,
    direction: Direction::Causal,
    ..BERT
};

pub(super) const T5: BlockSettings = BlockSettings {
    activation: Activation::Relu,
    norm: NormKind::RmsNorm,
    norm_place: NormPlace::Before,
    positions: Positions::Relative { buckets: 8, longest_distance: 20 },
    attention_scale: 1.0,
    biases: Biases::NONE,
    ..BERT
};

pub(super) const DROPS: BlockSettings =
    BlockSettings { attention_dropout: 0.2, hidden_dropout: 0.1, inner_dropout: 0.15, ..BERT };

pub(super) const T5_GATED_DROPS: BlockSettings = BlockSettings {
    feed_forward: FeedForward::Gated,
    activation: Activation::GeluTanh,
    attention_dropout: 0.1,
    hidden_dropout: 0.1,
    inner_dropout: 0.1,
    ..T5
};

pub(super) const MODE: Mode = Mode::Train(Moment { seed: 7, epoch: 0, update: 3, micro_batch: 0 });
/// Tokens of the sequences of the batch; the longest is longer than a block of queries.
pub(super) const LENGTHS: [usize; 5] = [9, 1, 70, 16, 30];

/// Gradients by the names of their parameters.
pub(super) type ByName = BTreeMap<String, Vec<f32>>;

/// A stack, its parameters, and rows to give it.
pub(super) struct Fixture {
    pub(super) parameters: Parameters,
    pub(super) stack: Stack,
    pub(super) relative: Option<RelativeBias>,
    pub(super) hidden: Var,
    pub(super) layout: TokenLayout,
    pub(super) scale: Tensor,
    /// Whether the rows are given, not computed from anything that is trained.
    pub(super) hidden_is_given: bool,
    /// What the blocks look at, if they have cross-attention.
    pub(super) source: Option<(Var, TokenLayout)>,
    /// Whether its rows are given.
    pub(super) source_is_given: bool,
}

impl Fixture {
    pub(super) fn new(settings: &BlockSettings, blocks: usize) -> Result<Self> {
        Self::with_lengths(settings, blocks, &LENGTHS)
    }

    pub(super) fn with_lengths(settings: &BlockSettings, blocks: usize, lengths: &[usize]) -> Result<Self> {
        Self::over(settings, blocks, DType::F32, lengths)
    }

    pub(super) fn with_dtype(settings: &BlockSettings, blocks: usize, dtype: DType) -> Result<Self> {
        Self::over(settings, blocks, dtype, &LENGTHS)
    }

    /// Of blocks with cross-attention over sources of other lengths, one for each sequence.
    pub(super) fn reading(settings: &BlockSettings, blocks: usize, of: &[(usize, usize)]) -> Result<Self> {
        let (lengths, of_sources): (Vec<usize>, Vec<usize>) = of.iter().copied().unzip();
        let extras = BlockExtras { cross: Some(CROSS), ..BlockExtras::default() };
        let mut fixture = Self::build(settings, blocks, &extras, DType::F32, &lengths)?;
        let rows = normal("source", (of_sources.iter().sum::<usize>(), settings.hidden_size))?;
        fixture.source = Some((Var::from_tensor(&rows)?, layout_of(&of_sources, DType::F32, false)?));
        Ok(fixture)
    }

    pub(super) fn over(settings: &BlockSettings, blocks: usize, dtype: DType, lengths: &[usize]) -> Result<Self> {
        Self::build(settings, blocks, &BlockExtras::default(), dtype, lengths)
    }

    fn build(
        settings: &BlockSettings,
        blocks: usize,
        extras: &BlockExtras,
        dtype: DType,
        lengths: &[usize],
    ) -> Result<Self> {
        let parameters = Parameters::with_dtype(&Device::Cpu, dtype, 5);
        let builder = parameters.builder();
        let blocks = (0..blocks).map(|at| Block::with_extras(settings, &NAMES, extras, &builder.pp(at)));
        let blocks = blocks.collect::<Result<Vec<_>>>()?;
        let relative = match settings.positions {
            Positions::Relative { .. } => Some(RelativeBias::new(settings, builder.pp("relative"))?),
            _ => None,
        };
        let tokens = lengths.iter().sum::<usize>();
        let hidden = Var::from_tensor(&normal("hidden", (tokens, settings.hidden_size))?.to_dtype(dtype)?)?;
        let scale = normal("scale", (tokens, settings.hidden_size))?.to_dtype(dtype)?;
        // Norms and biases that are not one and zero.
        for parameter in parameters.list() {
            if parameter.variable.dims().len() == 1 {
                let by = normal(&parameter.name, parameter.variable.dims())?.to_dtype(dtype)?;
                parameter.variable.set(&(parameter.variable.as_tensor() + by)?.detach())?;
            }
        }
        let (stack, layout) = (Stack::new(blocks), layout_of(lengths, dtype, false)?);
        let (hidden_is_given, source, source_is_given) = (false, None, false);
        Ok(Self { parameters, stack, relative, hidden, layout, scale, hidden_is_given, source, source_is_given })
    }

    pub(super) fn adapted(self, dropout: f64) -> Result<Self> {
        self.with_adapters(LowRankSettings { rank: 3, scale: 0.7, dropout, trains_lengths: false })
    }

    pub(super) fn with_adapters(self, settings: LowRankSettings) -> Result<Self> {
        self.parameters.freeze(|_| true);
        let layers: LinearLayers = self.parameters.attached().unwrap_or_default();
        for (name, layer) in &layers {
            let builder = self.parameters.builder().pp(name);
            layer.set_adapter(Some(LowRank::new((layer.inputs, layer.outputs), settings, &builder)?));
            if let Some(up) = self.parameters.get(&format!("{name}.lora_B.weight")) {
                up.variable.set(&(normal(name, up.variable.dims())? * 0.1)?)?;
            }
        }
        Ok(self)
    }

    /// The result, its gradients by name; `hidden` is that of the rows that the stack was given.
    pub(super) fn run(&self, wanted: Wanted, mode: Mode) -> Result<(Vec<f32>, ByName)> {
        let relative =
            self.relative.as_ref().map(|bias| bias.scores(self.layout.length(), &Device::Cpu)).transpose()?;
        let given =
            |rows: &Var, is_given: bool| if is_given { rows.as_detached_tensor() } else { rows.as_tensor().clone() };
        let source = self.source.as_ref().map(|(rows, layout)| (given(rows, self.source_is_given), layout));
        let source = source.as_ref().map(|(rows, layout)| Source { layout, rows });
        let pass = Pass { relative: relative.as_ref(), source, ..Pass::new(&self.layout, mode) };
        let hidden = given(&self.hidden, self.hidden_is_given);
        let result = self.stack.forward(&hidden, &pass, wanted)?;
        let scale = if wanted == Wanted::First { self.layout.first(&self.scale)? } else { self.scale.clone() };
        let store = result.mul(&scale)?.sum_all()?.backward()?;
        let mut gradients = BTreeMap::new();
        for parameter in self.parameters.list() {
            if let Some(gradient) = store.get(&parameter.variable) {
                gradients.insert(parameter.name, numbers(gradient)?);
            }
        }
        for (parameter, slot) in self.parameters.slots() {
            if let Some(dense) = slot.take().and_then(|gathered| gathered.dense) {
                assert!(gradients.insert(parameter.name, dense).is_none());
            }
        }
        if let Some(of_hidden) = store.get(&self.hidden) {
            gradients.insert("hidden".to_owned(), numbers(of_hidden)?);
        }
        if let Some(of_source) = self.source.as_ref().and_then(|(rows, _)| store.get(rows)) {
            gradients.insert("source".to_owned(), numbers(of_source)?);
        }
        Ok((numbers(&result)?, gradients))
    }
}

pub(super) fn numbers(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

/// Where the tokens stand, every other sequence padded on the left; with `holes`, padding behind four tokens of each too.
pub(super) fn layout_of(lengths: &[usize], dtype: DType, holes: bool) -> Result<TokenLayout> {
    let longest = 72;
    let real = lengths.iter().enumerate().flat_map(|(row, length)| {
        let place = move |column| row * longest + column + 2 * (row % 2) + usize::from(holes && column > 3);
        (0..*length).map(move |column| place(column) as u32)
    });
    let batch = Batch {
        rows: (0..lengths.len()).collect(),
        input_ids: Some(Tensor::zeros((lengths.len(), longest), DType::U32, &Device::Cpu)?),
        real_tokens: Some(real.collect()),
        ..Batch::default()
    };
    TokenLayout::of(&batch, dtype)
}

/// Sequences of these lengths one after another in each row of `length` places.
pub(super) fn packed_layout_of(rows: &[&[usize]], length: usize) -> Result<TokenLayout> {
    let used = |row: &&[usize]| row.iter().sum::<usize>();
    let real =
        rows.iter().enumerate().flat_map(|(row, lengths)| (0..used(lengths)).map(move |at| (row * length + at) as u32));
    let batch = Batch {
        rows: (0..rows.iter().map(|row| row.len()).sum()).collect(),
        input_ids: Some(Tensor::zeros((rows.len(), length), DType::U32, &Device::Cpu)?),
        real_tokens: Some(real.collect()),
        sequence_lengths: Some(rows.iter().map(|row| row.to_vec()).collect()),
        ..Batch::default()
    };
    TokenLayout::of(&batch, DType::F32)
}

pub(super) fn normal(name: &str, shape: impl Into<candle_core::Shape>) -> Result<Tensor> {
    let shape = shape.into();
    let values = Stream::initialisation(11, name).normal(shape.elem_count());
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(DType::F32)?)
}

/// Within 1e-5 of the largest number: both add f32 in another order.
pub(super) fn agree(what: &str, found: &[f32], expected: &[f32]) {
    agree_within(what, found, expected, 1e-5 * largest(expected));
}

pub(super) fn agree_within(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let worst = found.iter().zip(expected).fold(0f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(worst <= tolerance, "{what} differs by {worst}, of {} at most", largest(expected));
}

pub(super) fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0f32, |most, value| most.max(value.abs()))
}

/// The tolerance for a gradient: within 1e-5 of its largest number. Some gradients are zero but for what is lost in
/// rounding, as those of keys where softmax does not see what all scores have in common: for these it is that of numbers
/// a twentieth as large as the largest of all.
pub(super) fn tolerance(gradients: &ByName, name: &str) -> f32 {
    let of_all = gradients.values().fold(0f32, |most, gradient| most.max(largest(gradient)));
    1e-5 * largest(&gradients[name]).max(0.05 * of_all)
}
