//! Losses and gradients of sequences that share a row, against those of the same sequences in rows of their own.

use std::collections::BTreeMap;

use candle_core::{D, DType, Device, IndexOp, Tensor};

use crate::collate::{Batch, CausalLm, Collation, Collator, Flattening, Item, ItemInput, Packing};
use crate::data::{IGNORE, Target};
use crate::error::Result;
use crate::nn::{self, Embedding};
use crate::tensor::Activation;
use crate::tensor::params::Parameters;
use crate::tensor::random::{Mode, Stream};
use crate::text::Encoding;
use crate::transformer::{
    Biases, Block, BlockNames, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Pass, Positions,
    RelativeBias, Rotary, Stack, TokenLayout, Wanted, Way, computing,
};

const VOCABULARY: usize = 23;

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

/// As BERT's.
const BERT: BlockSettings = BlockSettings {
    hidden_size: 16,
    attention_heads: 4,
    key_value_heads: 4,
    head_size: 4,
    intermediate_size: 24,
    feed_forward: FeedForward::Plain,
    activation: Activation::Gelu,
    norm: NormKind::LayerNorm,
    norm_place: NormPlace::After,
    norm_epsilon: 1e-5,
    positions: Positions::Embedded,
    direction: Direction::Bidirectional,
    attention_scale: 0.5,
    biases: Biases::ALL,
    attention_dropout: 0.0,
    hidden_dropout: 0.0,
    inner_dropout: 0.0,
    initializer_range: 0.3,
};

const GPT2: BlockSettings = BlockSettings { norm_place: NormPlace::Before, direction: Direction::Causal, ..BERT };

const LLAMA: BlockSettings = BlockSettings {
    key_value_heads: 2,
    feed_forward: FeedForward::Gated,
    activation: Activation::Silu,
    norm: NormKind::RmsNorm,
    positions: Positions::Rotary(Rotary::of_base(100.0)),
    biases: Biases::NONE,
    ..GPT2
};

const T5: BlockSettings =
    BlockSettings { positions: Positions::Relative { buckets: 8, longest_distance: 10 }, ..LLAMA };

/// A small model that says something of every token, and what it takes.
struct Small {
    parameters: Parameters,
    words: Embedding,
    positions: Option<Embedding>,
    relative: Option<RelativeBias>,
    stack: Stack,
}

impl Small {
    fn new(settings: &BlockSettings, dtype: DType) -> Result<Self> {
        let parameters = Parameters::with_dtype(&Device::Cpu, dtype, 5);
        let builder = parameters.builder();
        let blocks = (0..2).map(|at| Block::new(settings, &NAMES, &builder.pp(at))).collect::<Result<Vec<_>>>()?;
        let (hidden, range) = (settings.hidden_size, settings.initializer_range);
        let positions = match settings.positions {
            Positions::Embedded => Some(nn::embedding(20, hidden, range, builder.pp("positions"))?),
            _ => None,
        };
        let relative = match settings.positions {
            Positions::Relative { .. } => Some(RelativeBias::new(settings, builder.pp("relative"))?),
            _ => None,
        };
        let words = nn::embedding(VOCABULARY, hidden, range, builder.pp("words"))?;
        Ok(Self { words, positions, relative, stack: Stack::new(blocks), parameters })
    }

    /// The sum of the losses of all labels, and its gradients by name.
    fn loss(&self, batch: &Batch) -> Result<(f64, BTreeMap<String, Vec<f64>>)> {
        let table = self.parameters.get("words.weight").expect("words have a table").variable;
        let layout = TokenLayout::of(batch, table.dtype())?;
        let packed = |tensor: &Tensor| -> Result<Tensor> { Ok(layout.pack(&tensor.unsqueeze(2)?)?.squeeze(1)?) };
        let mut hidden = self.words.forward(&packed(batch.input_ids()?)?)?;
        if let Some(positions) = &self.positions {
            hidden = (hidden + positions.forward(layout.columns())?)?;
        }
        let relative = self.relative.as_ref().map(|table| table.scores(layout.length(), &Device::Cpu)).transpose()?;
        let pass = Pass { relative: relative.as_ref(), ..Pass::new(&layout, Mode::Evaluate) };
        let hidden = self.stack.forward(&hidden, &pass, Wanted::All)?;
        let scores = hidden.matmul(&table.t()?)?;
        let log = candle_nn::ops::log_softmax(&scores, D::Minus1)?;
        let mut sum = Tensor::zeros((), log.dtype(), &Device::Cpu)?;
        for (row, label) in packed(batch.labels()?)?.to_vec1::<u32>()?.into_iter().enumerate() {
            if label != IGNORE {
                sum = (sum - log.i((row, label as usize))?)?;
            }
        }
        let store = sum.backward()?;
        let mut gradients = BTreeMap::new();
        for parameter in self.parameters.list() {
            if let Some(gradient) = store.get(&parameter.variable) {
                let gradient = gradient.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
                gradients.insert(parameter.name, gradient);
            }
        }
        Ok((sum.to_dtype(DType::F64)?.to_scalar()?, gradients))
    }
}

fn items() -> Result<Vec<Item>> {
    let item = |(row, length): (usize, usize)| {
        let drawn = Stream::initialisation(3, &format!("row {row}")).uniform(length);
        let ids: Vec<u32> = drawn.iter().map(|share| (share * VOCABULARY as f64) as u32).collect();
        let input = ItemInput::Tokens(Encoding::from_tokens(&ids, None, None)?);
        Ok(Item { row, input, target: Target::None })
    };
    [7, 12, 1, 4, 9].into_iter().enumerate().map(item).collect()
}

fn collated(collator: &impl Collator) -> Result<Batch> {
    let items = items()?;
    collator.collate_in(&items.iter().collect::<Vec<_>>(), &Collation::default())
}

fn agree(settings: &BlockSettings, dtype: DType, tolerance: f64) -> Result<()> {
    let model = Small::new(settings, dtype)?;
    let (expected, of_expected) = model.loss(&collated(&CausalLm::new().pad_id(0))?)?;
    assert!(expected > 10.0 && of_expected.len() > 15, "{expected}, {} gradients", of_expected.len());
    let in_one_row = collated(&Flattening::new())?;
    assert_eq!(in_one_row.sequence_lengths, Some(vec![vec![7, 12, 1, 4, 9]]));
    let in_rows = collated(&Packing::new(14).pad_id(0))?;
    assert_eq!(in_rows.sequence_lengths, Some(vec![vec![12], vec![9, 4, 1], vec![7]]));
    for batch in [in_one_row, in_rows] {
        let (found, of_found) = model.loss(&batch)?;
        assert!((found - expected).abs() <= tolerance * expected, "{settings:?}: {found} and {expected}");
        assert!(of_found.keys().eq(of_expected.keys()));
        let most = |gradient: &[f64]| gradient.iter().fold(0f64, |most, value| most.max(value.abs()));
        let of_all = of_expected.values().fold(0f64, |of_all, gradient| of_all.max(most(gradient)));
        for (name, expected) in &of_expected {
            let worst = expected.iter().zip(&of_found[name]).fold(0f64, |worst, (a, b)| worst.max((a - b).abs()));
            // Keys whose gradient is 0 but for rounding are compared with the largest of all.
            assert!(
                worst <= tolerance * of_all,
                "{settings:?}: the gradient of `{name}` differs by {worst} of {of_all}"
            );
        }
    }
    Ok(())
}

/// The angles of rotary positions are rounded to `f32` in every type, but the same ones.
#[test]
fn sequences_that_share_a_row_have_the_loss_and_gradients_of_rows_of_their_own() -> Result<()> {
    for settings in [BERT, GPT2, LLAMA, T5] {
        agree(&settings, DType::F64, 1e-12)?;
        computing(Way::Reference, || agree(&settings, DType::F32, 1e-6))?;
        agree(&settings, DType::F32, 1e-6)?;
    }
    Ok(())
}
