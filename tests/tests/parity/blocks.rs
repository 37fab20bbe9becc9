//! The block in the configuration of each family: rows out and every gradient equal those of transformers' own blocks.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::model::weights;
use trainer_core::tensor::Activation;
use trainer_core::tensor::params::Parameters;
use trainer_core::tensor::random::Mode;
use trainer_core::transformer::{
    Biases, Block, BlockNames, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Pass, Positions,
    RelativeBias, Stack, TokenLayout, Wanted, Way, computing,
};

/// Relative to the norm of the tensor: the figures were computed in f64, and ours, in f32, are off by about 1e-6.
const TOLERANCE: f64 = 1e-5;
/// The gradient of a key bias is zero in exact arithmetic where nothing turns the keys.
const ZERO_GRADIENT: f64 = 1e-4;

const BERT: BlockSettings = BlockSettings {
    hidden_size: 8,
    attention_heads: 4,
    key_value_heads: 4,
    head_size: 2,
    intermediate_size: 12,
    feed_forward: FeedForward::Plain,
    activation: Activation::Gelu,
    norm: NormKind::LayerNorm,
    norm_place: NormPlace::After,
    norm_epsilon: 1e-12,
    positions: Positions::Embedded,
    direction: Direction::Bidirectional,
    attention_scale: std::f64::consts::FRAC_1_SQRT_2,
    biases: Biases::ALL,
    attention_dropout: 0.0,
    hidden_dropout: 0.0,
    inner_dropout: 0.0,
    initializer_range: 0.02,
};

const BERT_NAMES: BlockNames = BlockNames {
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    feed_forward_gate: None,
    feed_forward_in: "intermediate.dense",
    feed_forward_out: "output.dense",
    output_norm: "output.LayerNorm",
};

const GPT2: BlockSettings = BlockSettings {
    norm_place: NormPlace::Before,
    norm_epsilon: 1e-5,
    activation: Activation::GeluTanh,
    direction: Direction::Causal,
    ..BERT
};

const GPT2_NAMES: BlockNames = BlockNames {
    query: "attn.query",
    key: "attn.key",
    value: "attn.value",
    attention_output: "attn.c_proj",
    attention_norm: "ln_1",
    feed_forward_gate: None,
    feed_forward_in: "mlp.c_fc",
    feed_forward_out: "mlp.c_proj",
    output_norm: "ln_2",
};

fn llama() -> BlockSettings {
    BlockSettings {
        key_value_heads: 2,
        head_size: 6,
        feed_forward: FeedForward::Gated,
        activation: Activation::Silu,
        norm: NormKind::RmsNorm,
        norm_place: NormPlace::Before,
        norm_epsilon: 1e-6,
        positions: Positions::Rotary { base: 100.0 },
        direction: Direction::Causal,
        attention_scale: 1.0 / 6f64.sqrt(),
        biases: Biases::NONE,
        ..BERT
    }
}

const LLAMA_NAMES: BlockNames = BlockNames {
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    attention_output: "self_attn.o_proj",
    attention_norm: "input_layernorm",
    feed_forward_gate: Some("mlp.gate_proj"),
    feed_forward_in: "mlp.up_proj",
    feed_forward_out: "mlp.down_proj",
    output_norm: "post_attention_layernorm",
};

const T5: BlockSettings = BlockSettings {
    head_size: 3,
    activation: Activation::Relu,
    norm: NormKind::RmsNorm,
    norm_place: NormPlace::Before,
    norm_epsilon: 1e-6,
    positions: Positions::Relative { buckets: 8, longest_distance: 7 },
    attention_scale: 1.0,
    biases: Biases::NONE,
    ..BERT
};

const T5_NAMES: BlockNames = BlockNames {
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

const T5_GATED_NAMES: BlockNames = BlockNames {
    feed_forward_gate: Some("layer.1.DenseReluDense.wi_0"),
    feed_forward_in: "layer.1.DenseReluDense.wi_1",
    ..T5_NAMES
};

/// The layout of the tokens that the mask `[2, length]` marks.
fn layout(mask: &Tensor) -> Result<TokenLayout> {
    let real = mask.flatten_all()?.to_vec1::<f32>()?;
    let places = real.iter().enumerate().filter(|(_, real)| **real > 0.0).map(|(place, _)| place as u32);
    let batch = Batch {
        rows: (0..mask.dim(0)?).collect(),
        input_ids: Some(mask.to_dtype(DType::U32)?),
        real_tokens: Some(places.collect()),
        ..Batch::default()
    };
    TokenLayout::of(&batch, DType::F32)
}

fn agree(what: &str, found: &Tensor, expected: &Tensor) -> Result<()> {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let norm = |tensor: &Tensor| -> Result<f64> {
        Ok(tensor.to_dtype(DType::F64)?.sqr()?.sum_all()?.sqrt()?.to_scalar::<f64>()?)
    };
    let (error, size) = (norm(&(found - expected)?)?, norm(expected)?);
    let tolerance = if size < ZERO_GRADIENT { ZERO_GRADIENT } else { TOLERANCE * size };
    assert!(error <= tolerance, "{what} differs by {error}, of {size}");
    Ok(())
}

/// Compares the blocks of a fixture on both ways.
fn check(fixture: &str, settings: BlockSettings, names: &BlockNames) -> Result<()> {
    for way in [Way::Fused, Way::Reference] {
        computing(way, || check_way(way, fixture, settings, names))?;
    }
    Ok(())
}

/// Runs the blocks of a fixture one after the other and compares the rows and all gradients.
fn check_way(way: Way, fixture: &str, settings: BlockSettings, names: &BlockNames) -> Result<()> {
    let file = trainer_tests::fixtures().join("blocks").join(format!("{fixture}.safetensors"));
    let all = weights::read(&file, &Device::Cpu)?;
    let given: BTreeMap<String, Tensor> =
        all.iter().filter(|(name, _)| name.starts_with("block.")).map(|(n, t)| (n.clone(), t.clone())).collect();
    let (count, parameters) = (given.len(), Parameters::from_values(&Device::Cpu, 1, given));
    let builder = parameters.builder().pp("block");
    let blocks = all.keys().filter(|name| name.ends_with(&format!("{}.weight", names.query)));
    let blocks = blocks.filter(|name| name.starts_with("block.")).count();
    let blocks = (0..blocks).map(|index| Block::new(&settings, names, &builder.pp(index)));
    let stack = Stack::new(blocks.collect::<Result<_>>()?);
    let layout = layout(&all["mask"])?;
    let table = match settings.positions {
        Positions::Relative { .. } => {
            Some(RelativeBias::new(&settings, builder.pp("0.layer.0.SelfAttention.relative_attention_bias"))?)
        }
        _ => None,
    };
    assert_eq!(parameters.unused_values(), Vec::<String>::new(), "{fixture}");
    assert_eq!(parameters.list().len(), count, "{fixture}");

    let relative = table.map(|table| table.scores(layout.length(), &Device::Cpu)).transpose()?;
    let input = Var::from_tensor(&all["input"])?;
    let pass = Pass { relative: relative.as_ref(), ..Pass::new(&layout, Mode::Evaluate) };
    let rows = stack.forward(&layout.pack(&input)?, &pass, Wanted::All)?;
    agree(&format!("{fixture}, {way:?}: the output"), &rows, &layout.pack(&all["output"])?)?;
    let sum = (rows * layout.pack(&all["scale"])?)?.sum_all()?;
    let gradients = sum.backward()?;
    // Blocks written out by hand give their memory back on the way: so it is known which way was taken.
    assert_eq!(sum.backward().is_err(), way == Way::Fused, "{fixture}, {way:?}: the other way was taken");
    let mut variables: Vec<(String, Var)> =
        parameters.list().into_iter().map(|parameter| (parameter.name, parameter.variable)).collect();
    variables.push(("input".to_owned(), input));
    for (name, variable) in variables {
        let gradient = gradients.get(&variable).unwrap_or_else(|| panic!("{fixture}: `{name}` has no gradient"));
        agree(&format!("{fixture}, {way:?}: the gradient of `{name}`"), gradient, &all[&format!("grad.{name}")])?;
    }
    Ok(())
}

#[test]
fn norms_after_the_parts_as_in_bert() -> Result<()> {
    check("bert", BERT, &BERT_NAMES)
}

#[test]
fn norms_before_the_parts_and_causal_as_in_gpt2() -> Result<()> {
    check("gpt2", GPT2, &GPT2_NAMES)
}

#[test]
fn rotary_with_shared_heads_and_gates_as_in_llama() -> Result<()> {
    check("llama", llama(), &LLAMA_NAMES)
}

#[test]
fn biases_on_query_key_and_value_alone_as_in_qwen2() -> Result<()> {
    let biases = Biases { query_key_value: true, ..Biases::NONE };
    check("qwen2", BlockSettings { biases, ..llama() }, &LLAMA_NAMES)
}

#[test]
fn relative_positions_shared_by_two_blocks_as_in_t5() -> Result<()> {
    check("t5-relu", T5, &T5_NAMES)
}

#[test]
fn relative_positions_and_gates_as_in_t5_1_1() -> Result<()> {
    let settings = BlockSettings { feed_forward: FeedForward::Gated, activation: Activation::GeluTanh, ..T5 };
    check("t5-gated-gelu", settings, &T5_GATED_NAMES)
}

#[test]
fn causal_relative_positions_as_in_the_decoder_of_t5() -> Result<()> {
    check("t5-causal", BlockSettings { direction: Direction::Causal, ..T5 }, &T5_NAMES)
}
