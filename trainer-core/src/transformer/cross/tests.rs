//! Tests of cross-attention in a block.

use candle_core::{DType, Device, Shape, Var};

use super::*;
use crate::collate::Batch;
use crate::tensor::Activation;
use crate::tensor::params::Parameters;
use crate::tensor::random::{Moment, Stream};
use crate::transformer::{
    AttentionNames, Biases, BlockExtras, BlockNames, FeedForward, NormKind, NormPlace, Positions, Stack, Wanted,
};

/// Differences of step 1e-6 in `f64` leave about 1e-9 of rounding; a wrong derivative is off by far more.
const TOLERANCE: f64 = 1e-7;
const TRAIN: Mode = Mode::Train(Moment { seed: 42, epoch: 0, update: 1, micro_batch: 0 });

const NAMES: BlockNames = BlockNames {
    query: "query",
    key: "key",
    value: "value",
    attention_output: "attended",
    attention_norm: "attention_norm",
    feed_forward_gate: None,
    feed_forward_in: "in",
    feed_forward_out: "out",
    output_norm: "output_norm",
};

const CROSS: CrossNames = CrossNames {
    attention: AttentionNames {
        query: "cross.query",
        key: "cross.key",
        value: "cross.value",
        output: "cross.attended",
    },
    norm: "cross.norm",
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
    direction: Direction::Causal,
    attention_scale: 0.7,
    biases: Biases::ALL,
    attention_dropout: 0.0,
    hidden_dropout: 0.0,
    inner_dropout: 0.0,
    initializer_range: 0.02,
};

/// As in BART and as in T5, with heads that share keys, and with dropout.
fn configurations() -> [BlockSettings; 4] {
    let t5 = BlockSettings {
        norm: NormKind::RmsNorm,
        norm_place: NormPlace::Before,
        biases: Biases::NONE,
        activation: Activation::Relu,
        attention_scale: 1.0,
        ..SETTINGS
    };
    let drops = BlockSettings { attention_dropout: 0.3, hidden_dropout: 0.2, inner_dropout: 0.1, ..SETTINGS };
    [SETTINGS, t5, BlockSettings { key_value_heads: 2, ..SETTINGS }, drops]
}

/// A decoder of one block, over parameters that are all drawn.
struct Drawn {
    blocks: Stack,
    parameters: Parameters,
}

/// Normal numbers of a shape, the same for the same name.
fn values(shape: impl Into<Shape>, name: &str) -> Result<Tensor> {
    let shape = shape.into();
    Ok(Tensor::from_vec(Stream::initialisation(5, name).normal(shape.elem_count()), shape, &Device::Cpu)?)
}

/// The layout of sequences of so many tokens, of `length` with padding.
fn layout(tokens: &[usize], length: usize) -> Result<TokenLayout> {
    let rows = tokens.iter().enumerate();
    let places = rows.flat_map(|(row, tokens)| (0..*tokens).map(move |column| (row * length + column) as u32));
    let batch = Batch {
        rows: (0..tokens.len()).collect(),
        input_ids: Some(Tensor::zeros((tokens.len(), length), DType::U32, &Device::Cpu)?),
        real_tokens: Some(places.collect()),
        ..Batch::default()
    };
    TokenLayout::of(&batch, DType::F64)
}

impl Drawn {
    fn new(settings: &BlockSettings) -> Result<Self> {
        let parameters = Parameters::with_dtype(&Device::Cpu, DType::F64, 3);
        let extras = BlockExtras { cross: Some(CROSS), ..BlockExtras::default() };
        let block = Block::with_extras(settings, &NAMES, &extras, &parameters.builder().pp("block"))?;
        for parameter in parameters.list() {
            parameter.variable.set(&(values(parameter.variable.shape(), &parameter.name)? * 0.6)?)?;
        }
        Ok(Self { blocks: Stack::new(vec![block]), parameters })
    }

    fn forward(&self, target: (&Tensor, &TokenLayout), source: (&Tensor, &TokenLayout), mode: Mode) -> Result<Tensor> {
        let source = Some(Source { layout: source.1, rows: source.0 });
        self.blocks.forward(target.0, &Pass { source, ..Pass::new(target.1, mode) }, Wanted::All)
    }
}

fn difference(one: &Tensor, other: &Tensor) -> Result<f64> {
    Ok((one - other)?.abs()?.max_all()?.to_scalar::<f64>()?)
}

#[test]
fn gradients_of_target_source_and_every_parameter_agree_with_central_differences() -> Result<()> {
    let (of_target, of_source) = (layout(&[3, 1, 2], 4)?, layout(&[2, 5, 1], 5)?);
    for settings in configurations() {
        let drawn = Drawn::new(&settings)?;
        let target = Var::from_tensor(&values((6, 4), "target")?)?;
        let source = Var::from_tensor(&values((8, 4), "source")?)?;
        let scale = values((6, 4), "scale")?;
        let loss = || -> Result<Tensor> {
            let rows = drawn.forward((&target, &of_target), (&source, &of_source), TRAIN)?;
            Ok((rows * &scale)?.sum_all()?)
        };
        let gradients = loss()?.backward()?;
        let parameters = drawn.parameters.list().into_iter().map(|parameter| (parameter.name, parameter.variable));
        let mut variables: Vec<(String, Var)> = parameters.collect();
        variables.extend([("target".to_owned(), target.clone()), ("source".to_owned(), source.clone())]);
        for (name, variable) in variables {
            let gradient = gradients.get(&variable).unwrap_or_else(|| panic!("`{name}` has no gradient"));
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
    }
    Ok(())
}

#[test]
fn a_target_sees_its_own_source_alone_and_no_padding() -> Result<()> {
    for settings in configurations() {
        let drawn = Drawn::new(&settings)?;
        let (target, source) = (values((5, 4), "target")?, values((7, 4), "source")?);
        let alone = drawn.forward(
            (&target.narrow(0, 3, 2)?, &layout(&[2], 2)?),
            (&source.narrow(0, 5, 2)?, &layout(&[2], 2)?),
            Mode::Evaluate,
        )?;
        for (length, source_length) in [(3, 5), (6, 9)] {
            let both = drawn.forward(
                (&target, &layout(&[3, 2], length)?),
                (&source, &layout(&[5, 2], source_length)?),
                Mode::Evaluate,
            )?;
            let error = difference(&both.narrow(0, 3, 2)?, &alone)?;
            assert!(error < 1e-12, "{settings:?} differs by {error}");
        }
        let others = Tensor::cat(&[&source.narrow(0, 0, 5)?, &values((2, 4), "others")?], 0)?;
        let (of_target, of_source) = (layout(&[3, 2], 3)?, layout(&[5, 2], 5)?);
        let before = drawn.forward((&target, &of_target), (&source, &of_source), Mode::Evaluate)?;
        let after = drawn.forward((&target, &of_target), (&others, &of_source), Mode::Evaluate)?;
        assert!(difference(&before.narrow(0, 0, 3)?, &after.narrow(0, 0, 3)?)? == 0.0);
        assert!(difference(&before.narrow(0, 3, 2)?, &after.narrow(0, 3, 2)?)? > 1e-6, "the source changes nothing");
    }
    Ok(())
}

#[test]
fn a_block_without_its_source_or_with_that_of_another_batch_is_refused() -> Result<()> {
    let drawn = Drawn::new(&SETTINGS)?;
    let (target, of_target) = (values((4, 4), "target")?, layout(&[2, 2], 2)?);
    let none = drawn.blocks.forward(&target, &Pass::new(&of_target, Mode::Evaluate), Wanted::All);
    assert!(none.is_err_and(|error| error.to_string().contains("was given no source")));
    let one = drawn.forward((&target, &of_target), (&target, &layout(&[4], 4)?), Mode::Evaluate);
    assert!(one.is_err_and(|error| error.to_string().contains("2 targets were given 1 sources")));
    Ok(())
}
