//! Tests of the block in every configuration.

use candle_core::{DType, Device, Shape, Var};

use super::*;
use crate::collate::Batch;
use crate::tensor::Activation;
use crate::tensor::params::Parameters;
use crate::tensor::random::{Moment, Stream};
use crate::transformer::{Biases, Direction, NormKind, Positions, RelativeBias, Rotary};

/// Differences of step 1e-6 in `f64` leave about 1e-9 of rounding; a wrong derivative is off by far more.
const TOLERANCE: f64 = 1e-7;
const TRAIN: Mode = Mode::Train(Moment { seed: 42, epoch: 0, update: 1, micro_batch: 0 });
const RELATIVE: Positions = Positions::Relative { buckets: 4, longest_distance: 5 };

const NAMES: BlockNames = BlockNames {
    query: "query",
    key: "key",
    value: "value",
    attention_output: "attended",
    attention_norm: "attention_norm",
    feed_forward_gate: Some("gate"),
    feed_forward_in: "in",
    feed_forward_out: "out",
    output_norm: "output_norm",
};

const SETTINGS: BlockSettings = BlockSettings {
    hidden_size: 4,
    attention_heads: 4,
    key_value_heads: 4,
    head_size: 2,
    intermediate_size: 5,
    feed_forward: FeedForward::Plain,
    activation: Activation::Gelu,
    norm: NormKind::LayerNorm,
    norm_place: NormPlace::After,
    norm_epsilon: 1e-5,
    positions: Positions::Embedded,
    direction: Direction::Bidirectional,
    attention_scale: 0.7,
    biases: Biases::ALL,
    attention_dropout: 0.2,
    hidden_dropout: 0.2,
    inner_dropout: 0.2,
    initializer_range: 0.02,
};

/// A block with the table of its relative positions, over parameters that are all drawn.
struct Drawn {
    block: Block,
    relative: Option<RelativeBias>,
    parameters: Parameters,
}

impl Drawn {
    fn new(settings: &BlockSettings) -> Result<Self> {
        let parameters = Parameters::with_dtype(&Device::Cpu, DType::F64, 3);
        let block = Block::new(settings, &NAMES, &parameters.builder().pp("block"))?;
        let relative = match settings.positions {
            Positions::Relative { .. } => Some(RelativeBias::new(settings, parameters.builder().pp("relative"))?),
            _ => None,
        };
        for parameter in parameters.list() {
            let value = values(parameter.variable.shape(), &parameter.name)?;
            parameter.variable.set(&(value * 0.6)?)?;
        }
        Ok(Self { block, relative, parameters })
    }

    fn forward(&self, hidden: &Tensor, layout: &TokenLayout, mode: Mode) -> Result<Tensor> {
        let scores = self.relative.as_ref().map(|table| table.scores(layout.length(), &Device::Cpu)).transpose()?;
        self.block.forward(hidden, &Pass { relative: scores.as_ref(), ..Pass::new(layout, mode) })
    }
}

/// Normal numbers of a shape, the same for the same name.
fn values(shape: impl Into<Shape>, name: &str) -> Result<Tensor> {
    let shape = shape.into();
    Ok(Tensor::from_vec(Stream::initialisation(5, name).normal(shape.elem_count()), shape, &Device::Cpu)?)
}

/// The layout of sequences whose tokens stand in these columns, of `length` with padding.
fn layout(sequences: &[std::ops::Range<usize>], length: usize) -> Result<TokenLayout> {
    let places = sequences
        .iter()
        .enumerate()
        .flat_map(|(row, columns)| columns.clone().map(move |column| (row * length + column) as u32));
    let batch = Batch {
        rows: (0..sequences.len()).collect(),
        input_ids: Some(Tensor::zeros((sequences.len(), length), DType::U32, &Device::Cpu)?),
        real_tokens: Some(places.collect()),
        ..Batch::default()
    };
    TokenLayout::of(&batch, DType::F64)
}

/// The layout of one sequence without padding.
fn layout_of_one(length: usize) -> Result<TokenLayout> {
    layout(&[0..length; 1], length)
}

fn difference(one: &Tensor, other: &Tensor) -> Result<f64> {
    Ok((one - other)?.abs()?.max_all()?.to_scalar::<f64>()?)
}

/// Norm kind and place, gates, positions and direction in every combination with each activation; shared heads and biases
/// take turns.
fn configurations() -> Vec<BlockSettings> {
    let mut all = Vec::new();
    for index in 0..2 * 2 * 2 * 3 * 2 * 4 {
        let choice = |place: usize, of: usize| index / place % of;
        all.push(BlockSettings {
            norm: [NormKind::LayerNorm, NormKind::RmsNorm][choice(1, 2)],
            norm_place: [NormPlace::After, NormPlace::Before][choice(2, 2)],
            feed_forward: [FeedForward::Plain, FeedForward::Gated][choice(4, 2)],
            positions: [Positions::Embedded, Positions::Rotary(Rotary::of_base(10.0)), RELATIVE][choice(8, 3)],
            direction: [Direction::Bidirectional, Direction::Causal][choice(24, 2)],
            activation: [Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Silu][choice(48, 4)],
            // Whether the number of ones in the index is even, and its place among fives: neither follows from one choice.
            key_value_heads: [4, 2][(index as u32).count_ones() as usize % 2],
            biases: [
                Biases::ALL,
                Biases::NONE,
                Biases { query_key_value: true, attention_output: false, feed_forward: false },
                Biases { query_key_value: false, attention_output: true, feed_forward: false },
                Biases { query_key_value: false, attention_output: false, feed_forward: true },
            ][index % 5],
            ..SETTINGS
        });
    }
    all
}

/// The gradients of the input and of every parameter, along a drawn direction, against a central difference. A mask of
/// dropout is a function of the moment, so it is the same on both sides.
fn agrees_with_differences(settings: &BlockSettings) -> Result<()> {
    let drawn = Drawn::new(settings)?;
    let layout = layout(&[0..4, 0..2], 4)?;
    let input = Var::from_tensor(&values((6, 4), "input")?)?;
    let scale = values((6, 4), "scale")?;
    let loss = || -> Result<Tensor> { Ok((drawn.forward(&input, &layout, TRAIN)? * &scale)?.sum_all()?) };
    let gradients = loss()?.backward()?;
    let mut variables: Vec<(String, Var)> =
        drawn.parameters.list().into_iter().map(|parameter| (parameter.name, parameter.variable)).collect();
    variables.push(("input".to_owned(), input.clone()));
    for (name, variable) in variables {
        let gradient = gradients.get(&variable).unwrap_or_else(|| panic!("{settings:?}: `{name}` has no gradient"));
        let direction = values(variable.shape(), &format!("{name} direction"))?;
        let slope = (gradient * &direction)?.sum_all()?.to_scalar::<f64>()?;
        let original = variable.as_detached_tensor().copy()?;
        let at = |shift: f64| -> Result<f64> {
            variable.set(&(&original + (&direction * shift)?)?)?;
            Ok(loss()?.to_scalar::<f64>()?)
        };
        let difference = (at(1e-6)? - at(-1e-6)?) / 2e-6;
        variable.set(&original)?;
        let error = (slope - difference).abs() / difference.abs().max(1.0);
        assert!(error < TOLERANCE, "{settings:?}: `{name}` has the slope {slope}, the difference is {difference}");
    }
    Ok(())
}

#[test]
fn every_gradient_of_every_configuration_agrees_with_central_differences() -> Result<()> {
    configurations().iter().try_for_each(agrees_with_differences)
}

#[test]
fn a_sequence_gives_the_same_alone_padded_and_beside_a_longer_one() -> Result<()> {
    for settings in configurations() {
        let drawn = Drawn::new(&settings)?;
        let rows = values((8, 4), "rows")?;
        let alone = drawn.forward(&rows.narrow(0, 5, 3)?, &layout_of_one(3)?, Mode::Evaluate)?;
        for length in [5, 9] {
            let both = drawn.forward(&rows, &layout(&[0..5, 0..3], length)?, Mode::Evaluate)?;
            let error = difference(&both.narrow(0, 5, 3)?, &alone)?;
            assert!(error < 1e-12, "{settings:?} differs by {error}");
        }
    }
    Ok(())
}

#[test]
fn padding_on_the_left_changes_nothing_where_only_distances_count() -> Result<()> {
    for settings in configurations() {
        let drawn = Drawn::new(&settings)?;
        let rows = values((8, 4), "rows")?;
        let right = drawn.forward(&rows, &layout(&[0..5, 0..3], 6)?, Mode::Evaluate)?;
        let left = drawn.forward(&rows, &layout(&[1..6, 3..6], 6)?, Mode::Evaluate)?;
        // Rotary angles are rounded to f32, and then columns 0 and 3 are not exactly as far apart as 1 and 4.
        let tolerance = if matches!(settings.positions, Positions::Rotary(_)) { 1e-5 } else { 1e-12 };
        let error = difference(&left, &right)?;
        assert!(error < tolerance, "{settings:?} differs by {error}");
    }
    Ok(())
}

#[test]
fn later_tokens_change_earlier_rows_only_if_attention_looks_ahead() -> Result<()> {
    for settings in configurations() {
        let drawn = Drawn::new(&settings)?;
        let layout = layout(&[0..5, 0..3], 6)?;
        let rows = values((8, 4), "rows")?;
        let changed = Tensor::cat(&[&rows.narrow(0, 0, 3)?, &values((2, 4), "others")?, &rows.narrow(0, 5, 3)?], 0)?;
        let (before, after) =
            (drawn.forward(&rows, &layout, Mode::Evaluate)?, drawn.forward(&changed, &layout, Mode::Evaluate)?);
        let earlier = difference(&before.narrow(0, 0, 3)?, &after.narrow(0, 0, 3)?)?;
        match settings.direction {
            Direction::Causal => assert!(earlier == 0.0, "{settings:?} looks ahead: differs by {earlier}"),
            Direction::Bidirectional => assert!(earlier > 1e-6, "{settings:?} does not look ahead"),
        }
        let other = difference(&before.narrow(0, 5, 3)?, &after.narrow(0, 5, 3)?)?;
        assert!(other == 0.0, "{settings:?}: another sequence differs by {other}");
    }
    Ok(())
}

#[test]
fn masks_of_hidden_states_do_not_depend_on_padding_and_each_site_draws() -> Result<()> {
    let silent = BlockSettings { attention_dropout: 0.0, hidden_dropout: 0.0, inner_dropout: 0.0, ..SETTINGS };
    let rows = values((8, 4), "rows")?;
    let (short, long) = (layout(&[0..5, 0..3], 5)?, layout(&[0..5, 0..3], 9)?);
    let evaluated = Drawn::new(&silent)?.forward(&rows, &short, Mode::Evaluate)?;
    for settings in [BlockSettings { hidden_dropout: 0.3, ..silent }, BlockSettings { inner_dropout: 0.3, ..silent }] {
        let drawn = Drawn::new(&settings)?;
        let trained = drawn.forward(&rows, &short, TRAIN)?;
        let error = difference(&trained, &drawn.forward(&rows, &long, TRAIN)?)?;
        assert!(error < 1e-12, "{settings:?} differs by {error}");
        assert!(difference(&trained, &evaluated)? > 1e-3, "{settings:?} drops nothing");
    }
    let drawn = Drawn::new(&BlockSettings { attention_dropout: 0.3, ..silent })?;
    assert!(difference(&drawn.forward(&rows, &short, TRAIN)?, &evaluated)? > 1e-3, "attention drops nothing");
    Ok(())
}

#[test]
fn what_does_not_go_together_is_refused() -> Result<()> {
    let refusal = |settings: BlockSettings, names: &BlockNames| {
        let parameters = Parameters::new(&Device::Cpu, 3);
        Block::new(&settings, names, &parameters.builder()).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let shared = refusal(BlockSettings { key_value_heads: 3, ..SETTINGS }, &NAMES);
    assert!(shared.contains("`num_key_value_heads` is 3, which 4 attention heads cannot share"), "{shared}");
    let rotary = Positions::Rotary(Rotary::of_base(1e4));
    let odd = refusal(BlockSettings { positions: rotary, head_size: 3, ..SETTINGS }, &NAMES);
    assert!(odd.contains("`head_dim` is 3"), "{odd}");
    let base = refusal(BlockSettings { positions: Positions::Rotary(Rotary::of_base(0.0)), ..SETTINGS }, &NAMES);
    assert!(base.contains("`rope_theta` is 0"), "{base}");
    let nameless = BlockNames { feed_forward_gate: None, ..NAMES };
    let gate = refusal(BlockSettings { feed_forward: FeedForward::Gated, ..SETTINGS }, &nameless);
    assert!(gate.contains("no name for the gate"), "{gate}");
    let drawn = Drawn::new(&BlockSettings { positions: RELATIVE, ..SETTINGS })?;
    let layout = layout_of_one(2)?;
    let pass = Pass::new(&layout, Mode::Evaluate);
    let missing = drawn.block.forward(&values((2, 4), "rows")?, &pass).err().map(|error| error.to_string());
    assert!(missing.is_some_and(|message| message.contains("relative positions")));
    Ok(())
}
