//! The blocks written out by hand against the blocks' own operations, and against themselves on other threads.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};

use super::super::{
    Biases, Block, BlockNames, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Pass, Positions,
    RelativeBias, Stack, TokenLayout, Wanted, Way, computing,
};
use crate::collate::Batch;
use crate::error::Result;
use crate::nn::{LinearLayers, LowRank, LowRankSettings};
use crate::tensor::Activation;
use crate::tensor::gradients::into_slots;
use crate::tensor::params::Parameters;
use crate::tensor::random::{Mode, Moment, Stream};
use crate::tensor::way::{Choice, choosing};

const NAMES: BlockNames = BlockNames {
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

const BERT: BlockSettings = BlockSettings {
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

const LLAMA: BlockSettings = BlockSettings {
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

const GPT2: BlockSettings = BlockSettings {
    activation: Activation::GeluTanh,
    norm_place: NormPlace::Before,
    direction: Direction::Causal,
    ..BERT
};

const T5: BlockSettings = BlockSettings {
    activation: Activation::Relu,
    norm: NormKind::RmsNorm,
    norm_place: NormPlace::Before,
    positions: Positions::Relative { buckets: 8, longest_distance: 20 },
    attention_scale: 1.0,
    biases: Biases::NONE,
    ..BERT
};

const DROPS: BlockSettings = BlockSettings { attention_dropout: 0.2, hidden_dropout: 0.1, inner_dropout: 0.15, ..BERT };

const T5_GATED_DROPS: BlockSettings = BlockSettings {
    feed_forward: FeedForward::Gated,
    activation: Activation::GeluTanh,
    attention_dropout: 0.1,
    hidden_dropout: 0.1,
    inner_dropout: 0.1,
    ..T5
};

const MODE: Mode = Mode::Train(Moment { seed: 7, epoch: 0, update: 3, micro_batch: 0 });
/// Tokens of the sequences of the batch; the longest is longer than a block of queries.
const LENGTHS: [usize; 5] = [9, 1, 70, 16, 30];

/// Gradients by the names of their parameters.
type ByName = BTreeMap<String, Vec<f32>>;

/// A stack, its parameters, and rows to give it.
struct Fixture {
    parameters: Parameters,
    stack: Stack,
    relative: Option<RelativeBias>,
    hidden: Var,
    layout: TokenLayout,
    scale: Tensor,
}

impl Fixture {
    fn new(settings: &BlockSettings, blocks: usize) -> Result<Self> {
        Self::with_dtype(settings, blocks, DType::F32)
    }

    fn with_dtype(settings: &BlockSettings, blocks: usize, dtype: DType) -> Result<Self> {
        let parameters = Parameters::with_dtype(&Device::Cpu, dtype, 5);
        let builder = parameters.builder();
        let blocks = (0..blocks).map(|at| Block::new(settings, &NAMES, &builder.pp(at)));
        let blocks = blocks.collect::<Result<Vec<_>>>()?;
        let relative = match settings.positions {
            Positions::Relative { .. } => Some(RelativeBias::new(settings, builder.pp("relative"))?),
            _ => None,
        };
        let tokens = LENGTHS.iter().sum::<usize>();
        let hidden = Var::from_tensor(&normal("hidden", (tokens, settings.hidden_size))?.to_dtype(dtype)?)?;
        let scale = normal("scale", (tokens, settings.hidden_size))?.to_dtype(dtype)?;
        // Norms and biases that are not one and zero.
        for parameter in parameters.list() {
            if parameter.variable.dims().len() == 1 {
                let by = normal(&parameter.name, parameter.variable.dims())?.to_dtype(dtype)?;
                parameter.variable.set(&(parameter.variable.as_tensor() + by)?.detach())?;
            }
        }
        Ok(Self { parameters, stack: Stack::new(blocks), relative, hidden, layout: layout(dtype, false)?, scale })
    }

    fn adapted(self, dropout: f64) -> Result<Self> {
        self.with_adapters(LowRankSettings { rank: 3, scale: 0.7, dropout, trains_lengths: false })
    }

    fn with_adapters(self, settings: LowRankSettings) -> Result<Self> {
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
    fn run(&self, wanted: Wanted, mode: Mode) -> Result<(Vec<f32>, ByName)> {
        let relative =
            self.relative.as_ref().map(|bias| bias.scores(self.layout.length(), &Device::Cpu)).transpose()?;
        let pass = Pass { layout: &self.layout, relative: relative.as_ref(), mode };
        let result = self.stack.forward(&self.hidden, &pass, wanted)?;
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
        let of_hidden = store.get(&self.hidden).expect("the rows get a gradient");
        gradients.insert("hidden".to_owned(), numbers(of_hidden)?);
        Ok((numbers(&result)?, gradients))
    }
}

fn numbers(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

/// Where the tokens stand, every other sequence padded on the left; with `holes`, padding behind four tokens of each too.
fn layout(dtype: DType, holes: bool) -> Result<TokenLayout> {
    let longest = 72;
    let real = LENGTHS.iter().enumerate().flat_map(|(row, length)| {
        let place = move |column| row * longest + column + 2 * (row % 2) + usize::from(holes && column > 3);
        (0..*length).map(move |column| place(column) as u32)
    });
    let batch = Batch {
        rows: (0..LENGTHS.len()).collect(),
        input_ids: Some(Tensor::zeros((LENGTHS.len(), longest), DType::U32, &Device::Cpu)?),
        real_tokens: Some(real.collect()),
        ..Batch::default()
    };
    TokenLayout::of(&batch, dtype)
}

fn normal(name: &str, shape: impl Into<candle_core::Shape>) -> Result<Tensor> {
    let shape = shape.into();
    let values = Stream::initialisation(11, name).normal(shape.elem_count());
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(DType::F32)?)
}

/// Within 1e-5 of the largest number: both add f32 in another order.
fn agree(what: &str, found: &[f32], expected: &[f32]) {
    agree_within(what, found, expected, 1e-5 * largest(expected));
}

fn agree_within(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let worst = found.iter().zip(expected).fold(0f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(worst <= tolerance, "{what} differs by {worst}, of {} at most", largest(expected));
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0f32, |most, value| most.max(value.abs()))
}

/// The tolerance for a gradient: within 1e-5 of its largest number. Some gradients are zero but for what is lost in
/// rounding, as those of keys where softmax does not see what all scores have in common: for these it is that of numbers
/// a twentieth as large as the largest of all.
fn tolerance(gradients: &ByName, name: &str) -> f32 {
    let of_all = gradients.values().fold(0f32, |most, gradient| most.max(largest(gradient)));
    1e-5 * largest(&gradients[name]).max(0.05 * of_all)
}

fn both_ways_agree(fixture: &Fixture, mode: Mode) -> Result<()> {
    for wanted in [Wanted::All, Wanted::First] {
        let (expected, of_expected) = computing(Way::Reference, || fixture.run(wanted, mode))?;
        let (found, of_found) = fixture.run(wanted, mode)?;
        agree("the result", &found, &expected);
        assert_eq!(of_found.keys().collect::<Vec<_>>(), of_expected.keys().collect::<Vec<_>>());
        for (name, expected) in &of_expected {
            let what = format!("{wanted:?}: the gradient of `{name}`");
            agree_within(&what, &of_found[name], expected, tolerance(&of_expected, name));
        }
    }
    Ok(())
}

#[test]
fn forward_and_every_gradient_are_those_of_the_reference() -> Result<()> {
    for settings in [BERT, LLAMA, GPT2, T5, DROPS, T5_GATED_DROPS] {
        both_ways_agree(&Fixture::new(&settings, 2)?, MODE)?;
    }
    Ok(())
}

#[test]
fn every_activation_norm_and_direction_agrees() -> Result<()> {
    for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Silu] {
        for (norm, norm_place) in [
            (NormKind::LayerNorm, NormPlace::After),
            (NormKind::LayerNorm, NormPlace::Before),
            (NormKind::RmsNorm, NormPlace::After),
            (NormKind::RmsNorm, NormPlace::Before),
        ] {
            for feed_forward in [FeedForward::Plain, FeedForward::Gated] {
                let direction =
                    if activation == Activation::Relu { Direction::Causal } else { Direction::Bidirectional };
                let settings = BlockSettings { feed_forward, activation, norm, norm_place, direction, ..BERT };
                both_ways_agree(&Fixture::new(&settings, 1)?, Mode::Evaluate)?;
            }
        }
    }
    Ok(())
}

#[test]
fn adapters_agree_and_frozen_weights_get_no_gradient() -> Result<()> {
    for (settings, dropout) in [(BERT, 0.0), (BERT, 0.3), (LLAMA, 0.3)] {
        let fixture = Fixture::new(&settings, 2)?.adapted(dropout)?;
        both_ways_agree(&fixture, MODE)?;
        let (_, gradients) = fixture.run(Wanted::All, MODE)?;
        assert!(gradients.keys().all(|name| name == "hidden" || name.contains("lora_")));
    }
    Ok(())
}

#[test]
fn blocks_below_the_first_that_is_trained_are_not_gone_through() -> Result<()> {
    let fixture = Fixture::new(&BERT, 3)?;
    fixture.parameters.freeze(|name| !name.starts_with("1."));
    both_ways_agree(&fixture, MODE)
}

#[test]
fn slots_hold_what_the_graph_gives_and_add_up() -> Result<()> {
    let fixture = Fixture::new(&DROPS, 2)?;
    let (_, of_graph) = fixture.run(Wanted::First, MODE)?;
    let once = into_slots(|| fixture.run(Wanted::First, MODE))?.1;
    assert_eq!(once, of_graph);
    let twice = into_slots(|| {
        let pass = Pass::new(&fixture.layout, MODE);
        let rows = fixture.stack.forward(&fixture.hidden, &pass, Wanted::First)?;
        rows.mul(&fixture.layout.first(&fixture.scale)?)?.sum_all()?.backward()?;
        fixture.run(Wanted::First, MODE)
    })?;
    for (name, expected) in of_graph.iter().filter(|(name, _)| *name != "hidden") {
        let doubled: Vec<f32> = expected.iter().map(|value| 2.0 * value).collect();
        agree_within(name, &twice.1[name], &doubled, tolerance(&of_graph, name));
    }
    Ok(())
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() -> Result<()> {
    for settings in [DROPS, LLAMA, T5_GATED_DROPS] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let fixture = Fixture::new(&settings, 2)?;
            pool.install(|| fixture.run(Wanted::All, MODE))
        };
        let one = on(1)?;
        assert_eq!(one, on(2)?);
        assert_eq!(one, on(5)?);
    }
    Ok(())
}

#[test]
fn computing_again_gives_the_same_bits() -> Result<()> {
    let fixture = Fixture::new(&DROPS, 3)?;
    let kept = fixture.run(Wanted::First, MODE)?;
    let choice = Choice { way: Way::Fused, recomputes: true };
    assert_eq!(choosing(choice, || fixture.run(Wanted::First, MODE))?, kept);
    Ok(())
}

#[test]
fn two_passes_at_once_keep_their_own_numbers() -> Result<()> {
    let fixture = Fixture::new(&BERT, 2)?;
    let pass = Pass::new(&fixture.layout, Mode::Evaluate);
    let first = fixture.stack.forward(&fixture.hidden, &pass, Wanted::All)?;
    let second = fixture.stack.forward(&(fixture.hidden.as_tensor() * 2.0)?, &pass, Wanted::All)?;
    let together = (first + second)?.sum_all()?.backward()?;
    let alone = |scale: f64| -> Result<Tensor> {
        let rows = fixture.stack.forward(&(fixture.hidden.as_tensor() * scale)?, &pass, Wanted::All)?;
        let store = rows.sum_all()?.backward()?;
        Ok(store.get(&fixture.hidden).expect("the rows get a gradient").clone())
    };
    let expected = (alone(1.0)? + alone(2.0)?)?.flatten_all()?.to_vec1::<f32>()?;
    let found = together.get(&fixture.hidden).expect("the rows get a gradient").flatten_all()?.to_vec1::<f32>()?;
    agree("the sum", &found, &expected);
    Ok(())
}

/// What the blocks' own operations give for a fixture that is not covered; in bits the same whichever way is asked for.
fn by_their_own_operations(fixture: &Fixture) -> Result<(Vec<f32>, BTreeMap<String, Vec<f32>>)> {
    let pass = Pass::new(&fixture.layout, MODE);
    let (blocks, pool) = (fixture.stack.blocks(), super::Pool::default());
    assert!(super::forward(blocks, &fixture.hidden, &pass, Wanted::All, false, &pool)?.is_none(), "it is covered");
    let found = fixture.run(Wanted::All, MODE)?;
    assert_eq!(found, computing(Way::Reference, || fixture.run(Wanted::All, MODE))?);
    Ok(found)
}

/// Each case computes what a case that is covered does: with more digits; with adapters that have learnt nothing; and with
/// padding between tokens, which blocks without positions of their own do not see.
#[test]
fn what_is_not_covered_is_left_to_the_blocks_own_operations() -> Result<()> {
    let (covered, of_covered) = Fixture::new(&BERT, 2)?.run(Wanted::All, MODE)?;
    let double = by_their_own_operations(&Fixture::with_dtype(&BERT, 2, DType::F64)?)?;
    let mut holes = Fixture::new(&BERT, 2)?;
    holes.layout = layout(DType::F32, true)?;
    for (found, of_found) in [double, by_their_own_operations(&holes)?] {
        agree("the result", &found, &covered);
        assert!(of_found.keys().eq(of_covered.keys()));
        for (name, expected) in &of_covered {
            agree_within(name, &of_found[name], expected, tolerance(&of_covered, name));
        }
    }
    let lengths = LowRankSettings { rank: 3, scale: 0.7, dropout: 0.0, trains_lengths: true };
    let adapted = Fixture::new(&BERT, 2)?.with_adapters(lengths)?;
    for (name, layer) in adapted.parameters.attached::<LinearLayers>().unwrap_or_default() {
        let get = |part: &str| adapted.parameters.get(&format!("{name}.{part}")).expect("it is a parameter").variable;
        get("lora_B.weight").set(&Tensor::zeros((layer.outputs, 3), DType::F32, &Device::Cpu)?)?;
        let of_rows = get("weight").as_detached_tensor().sqr()?.sum(1)?.sqrt()?;
        get(LowRank::LENGTHS).set(&of_rows)?;
    }
    let (found, gradients) = by_their_own_operations(&adapted)?;
    agree("the result with adapters", &found, &covered);
    agree_within("rows", &gradients["hidden"], &of_covered["hidden"], tolerance(&of_covered, "hidden"));
    assert!(gradients.keys().any(|name| name.ends_with(LowRank::LENGTHS)), "lengths get a gradient");
    Ok(())
}
