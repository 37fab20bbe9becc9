//! Transformer blocks forward and backward, written out by hand against their own operations:
//! `cargo bench -p trainer-core --bench blocks`.
//!
//! A stack of the size of `MiniLM` on 16 sequences of 34 tokens, and a block of the size of `SmolLM2-135M`'s on 4 of 256; on
//! one thread and on two. Gradients go to candle's store. What is counted is tokens.

use std::time::Duration;

use candle_core::{DType, Device, Tensor, Var};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::tensor::Activation;
use trainer_core::tensor::params::Parameters;
use trainer_core::tensor::random::{Mode, Moment, Stream};
use trainer_core::transformer::{
    Biases, Block, BlockNames, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Pass, Positions, Rotary,
    Stack, TokenLayout, Wanted, Way, computing,
};

const TRAINING: Mode = Mode::Train(Moment { seed: 42, epoch: 0, update: 0, micro_batch: 0 });

const NAMES: BlockNames = BlockNames {
    query: "query",
    key: "key",
    value: "value",
    attention_output: "attention_output",
    attention_norm: "attention_norm",
    feed_forward_gate: Some("gate"),
    feed_forward_in: "inward",
    feed_forward_out: "outward",
    output_norm: "output_norm",
};

/// As in all-MiniLM-L6-v2.
const MINILM: BlockSettings = BlockSettings {
    hidden_size: 384,
    attention_heads: 12,
    key_value_heads: 12,
    head_size: 32,
    intermediate_size: 1536,
    feed_forward: FeedForward::Plain,
    activation: Activation::Gelu,
    norm: NormKind::LayerNorm,
    norm_place: NormPlace::After,
    norm_epsilon: 1e-12,
    positions: Positions::Embedded,
    direction: Direction::Bidirectional,
    attention_scale: 0.176_776_695_296_636_9,
    biases: Biases::ALL,
    attention_dropout: 0.1,
    hidden_dropout: 0.1,
    inner_dropout: 0.0,
    initializer_range: 0.02,
};

/// As in SmolLM2-135M.
const SMOLLM: BlockSettings = BlockSettings {
    hidden_size: 576,
    attention_heads: 9,
    key_value_heads: 3,
    head_size: 64,
    intermediate_size: 1536,
    feed_forward: FeedForward::Gated,
    activation: Activation::Silu,
    norm: NormKind::RmsNorm,
    norm_place: NormPlace::Before,
    norm_epsilon: 1e-5,
    positions: Positions::Rotary(Rotary::of_base(100_000.0)),
    direction: Direction::Causal,
    attention_scale: 0.125,
    biases: Biases::NONE,
    attention_dropout: 0.0,
    hidden_dropout: 0.0,
    inner_dropout: 0.0,
    initializer_range: 0.04,
};

/// Blocks, and rows to give them.
struct Case {
    stack: Stack,
    input: Var,
    layout: TokenLayout,
}

impl Case {
    fn new(settings: &BlockSettings, blocks: usize, (sequences, length): (usize, usize)) -> Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, 42);
        let blocks = (0..blocks).map(|index| Block::new(settings, &NAMES, &parameters.builder().pp(index)));
        let stack = Stack::new(blocks.collect::<Result<_>>()?);
        let shape = (sequences * length, settings.hidden_size);
        let values = Stream::initialisation(1, "rows").normal(shape.0 * shape.1);
        let input = Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(DType::F32)?;
        let batch = Batch {
            rows: (0..sequences).collect(),
            input_ids: Some(Tensor::zeros((sequences, length), DType::U32, &Device::Cpu)?),
            ..Batch::default()
        };
        Ok(Self { stack, input: Var::from_tensor(&input)?, layout: TokenLayout::of(&batch, DType::F32)? })
    }

    fn forward_and_backward(&self) -> Result<()> {
        let pass = Pass::new(&self.layout, TRAINING);
        let rows = self.stack.forward(&self.input, &pass, Wanted::All)?;
        rows.sqr()?.sum_all()?.backward()?;
        Ok(())
    }
}

/// Measures a case on both ways, on one thread and on two.
fn measure(criterion: &mut Criterion, name: &str, case: &Case) {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(case.layout.tokens() as u64));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("the system starts two threads");
        for (label, way) in [("by hand", Way::Fused), ("by operations", Way::Reference)] {
            group.bench_function(BenchmarkId::new(label, threads), |bencher| {
                pool.install(|| {
                    computing(way, || {
                        bencher.iter(|| {
                            if let Err(error) = case.forward_and_backward() {
                                panic!("{error}");
                            }
                        });
                    });
                });
            });
        }
    }
    group.finish();
}

/// Both cases; an error in what is measured ends the run with its message.
fn all(criterion: &mut Criterion) {
    let cases = [
        ("6 blocks of MiniLM, 16 x 34 tokens", Case::new(&MINILM, 6, (16, 34))),
        ("a block of SmolLM2-135M, 4 x 256 tokens", Case::new(&SMOLLM, 1, (4, 256))),
    ];
    for (name, case) in cases {
        match case {
            Ok(case) => measure(criterion, name, &case),
            Err(error) => panic!("{error}"),
        }
    }
}

criterion_group! {
    name = blocks;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_secs(6))
        .sample_size(10);
    targets = all
}
criterion_main!(blocks);
