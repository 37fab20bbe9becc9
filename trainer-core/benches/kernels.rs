//! The layers, losses, the optimiser, the tokenizer and the collator, one by one: `cargo bench -p trainer-core`.
//!
//! Sizes are those of a small encoder: 256 tokens of 384 numbers, 1536 inside the feed-forward layer. What is measured
//! is what a program calls; layers are measured forward, and forward with backward.

use std::hint::black_box;
use std::time::Duration;

use candle_core::{Device, Tensor, Var};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trainer_core::collate::{Batch, Collator, Item, ItemInput, Padding};
use trainer_core::data::Target;
use trainer_core::loss::{Loss, bce, ce, mse};
use trainer_core::model::Output;
use trainer_core::nn;
use trainer_core::optim::{AdamW, AdamWSettings, Optimizer, clip_factor, global_norm};
use trainer_core::tensor::Activation;
use trainer_core::tensor::gradients::{Gradient, Gradients};
use trainer_core::tensor::params::Parameters;
use trainer_core::tensor::random::{Mode, Moment, Stream};
use trainer_core::text::{Encoding, Tokenizer, WordPieceSettings};

const TOKENS: usize = 256;
const WIDTH: usize = 384;
const INNER: usize = 1536;
const TRAINING: Mode = Mode::Train(Moment { seed: 42, epoch: 0, update: 0, micro_batch: 0 });

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Standard normal numbers, the same in every run.
fn numbers(rows: usize, columns: usize) -> Result<Tensor> {
    let values = Stream::initialisation(1, "numbers").normal(rows * columns);
    let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
    Ok(Tensor::from_vec(values, (rows, columns), &Device::Cpu)?)
}

/// Measures a layer on `[TOKENS, columns]`: forward, and forward with the gradients of a sum.
fn measure(
    criterion: &mut Criterion,
    name: &str,
    columns: usize,
    layer: impl Fn(&Tensor) -> candle_core::Result<Tensor>,
) -> Result<()> {
    let input = Var::from_tensor(&numbers(TOKENS, columns)?)?;
    let fixed = input.as_detached_tensor();
    layer(&fixed)?.sum_all()?;
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements((TOKENS * columns) as u64));
    group.bench_function("forward", |bencher| bencher.iter(|| layer(black_box(&fixed)).expect("it ran before")));
    group.bench_function("forward and backward", |bencher| {
        bencher.iter(|| layer(&input).and_then(|output| output.sum_all()?.backward()).expect("it ran before"));
    });
    group.finish();
    Ok(())
}

fn layers(criterion: &mut Criterion) -> Result<()> {
    let parameters = Parameters::new(&Device::Cpu, 42);
    let builder = parameters.builder();
    let (inner, outer) =
        (nn::linear(WIDTH, INNER, 0.02, builder.pp("in"))?, nn::linear(INNER, WIDTH, 0.02, builder.pp("out"))?);
    measure(criterion, "linear 384 to 1536", WIDTH, |input| inner.forward(input))?;
    measure(criterion, "linear 1536 to 384", INNER, |input| outer.forward(input))?;
    let layer_norm = nn::layer_norm(WIDTH, 1e-12, builder.pp("layer_norm"))?;
    measure(criterion, "layer norm", WIDTH, |input| layer_norm.forward(input))?;
    let rms_norm = nn::rms_norm(WIDTH, 1e-6, builder.pp("rms_norm"))?;
    measure(criterion, "rms norm", WIDTH, |input| rms_norm.forward(input))?;
    measure(criterion, "softmax", 128, nn::softmax)?;
    for (name, activation) in [
        ("gelu", Activation::Gelu),
        ("gelu by tanh", Activation::GeluTanh),
        ("relu", Activation::Relu),
        ("silu", Activation::Silu),
    ] {
        measure(criterion, name, INNER, |input| nn::activate(input, activation))?;
    }
    let dropout = nn::Dropout::new(0.1, "dropout")?;
    measure(criterion, "dropout", WIDTH, |input| dropout.forward(input, TRAINING))
}

fn embedding(criterion: &mut Criterion) -> Result<()> {
    const VOCABULARY: u32 = 30_522;
    let parameters = Parameters::new(&Device::Cpu, 42);
    let embedding = nn::embedding(VOCABULARY as usize, WIDTH, 0.02, parameters.builder())?;
    let ids: Vec<u32> = (0..TOKENS as u32).map(|token| token * 7919 % VOCABULARY).collect();
    let ids = Tensor::new(ids, &Device::Cpu)?;
    embedding.forward(&ids)?;
    let mut group = criterion.benchmark_group("embedding");
    group.throughput(Throughput::Elements(TOKENS as u64));
    group.bench_function("forward", |bencher| bencher.iter(|| embedding.forward(&ids).expect("it ran before")));
    group.finish();
    Ok(())
}

fn losses(criterion: &mut Criterion) -> Result<()> {
    let of_rows = |labels: Tensor| Batch { rows: (0..TOKENS).collect(), labels: Some(labels), ..Batch::default() };
    let classes: Vec<u32> = (0..TOKENS as u32).map(|row| row % 1000).collect();
    let classes = of_rows(Tensor::new(classes, &Device::Cpu)?);
    let sets = of_rows(numbers(TOKENS, 32)?.ge(0.0)?.to_dtype(candle_core::DType::F32)?);
    let values = of_rows(numbers(TOKENS, 1)?);
    let cases: [(&str, Box<dyn Loss>, usize, &Batch); 3] = [
        ("cross-entropy of 1000 classes", Box::new(ce()), 1000, &classes),
        ("binary cross-entropy of 32 labels", Box::new(bce()), 32, &sets),
        ("mean squared error", Box::new(mse()), 1, &values),
    ];
    let mut group = criterion.benchmark_group("losses");
    for (name, loss, outputs, batch) in cases {
        let logits = Var::from_tensor(&numbers(TOKENS, outputs)?)?;
        let output = Output { logits: logits.as_tensor().clone() };
        loss.loss(&output, batch)?;
        group.throughput(Throughput::Elements((TOKENS * outputs) as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let sum = loss.loss(&output, batch).expect("it ran before");
                sum.sum().backward().expect("it ran before")
            });
        });
    }
    group.finish();
    Ok(())
}

/// Ten million numbers: clipping by the global norm, and a step.
fn optimiser(criterion: &mut Criterion) -> Result<()> {
    const MATRICES: usize = 10;
    const SIDE: usize = 1000;
    let parameters = Parameters::new(&Device::Cpu, 42);
    let mut gradients = Gradients::new();
    for index in 0..MATRICES {
        let name = format!("layer.{index}.weight");
        parameters.builder().get_with_hints((SIDE, SIDE), &name, candle_nn::Init::Const(0.1))?;
        gradients.insert(name, Gradient::from(numbers(SIDE, SIDE)?));
    }
    let parameters = parameters.list();
    let mut optimiser = AdamW::new(AdamWSettings::default())?;
    let mut step = move || -> trainer_core::Result<()> {
        let scale = clip_factor(global_norm(&gradients)?, 1.0);
        optimiser.step(&parameters, &gradients, scale as f32, 1e-5)
    };
    step()?;
    let mut group = criterion.benchmark_group("optimiser");
    group.throughput(Throughput::Elements((MATRICES * SIDE * SIDE) as u64));
    group.bench_function("clipping and AdamW", |bencher| bencher.iter(|| step().expect("it ran before")));
    group.finish();
    Ok(())
}

const WORDS: [&str; 16] = [
    "the",
    "delivery",
    "was",
    "late",
    "again",
    "but",
    "wonderful",
    "service",
    "made",
    "up",
    "for",
    "it",
    "unbelievable",
    "prices",
    "and",
    "friendliness",
];

fn text(criterion: &mut Criterion) -> Result<()> {
    let texts: Vec<String> = (0..64usize)
        .map(|text| {
            (0..8 + text % 32).map(|word| WORDS[(text * 5 + word * 7) % WORDS.len()]).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let settings = WordPieceSettings { vocab_size: 100, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let encodings = tokenizer.encode_batch(&texts, None)?;
    let tokens = encodings.iter().map(Encoding::len).sum::<usize>() as u64;
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Elements(tokens));
    group.bench_function("tokenise 64 texts", |bencher| {
        bencher.iter(|| tokenizer.encode_batch(black_box(&texts), None).expect("it ran before"));
    });
    let items: Vec<Item> = (0..)
        .zip(encodings)
        .map(|(row, encoding)| Item { row, input: ItemInput::Tokens(encoding), target: Target::Class(0) })
        .collect();
    let items: Vec<&Item> = items.iter().collect();
    let collator = Padding::new();
    collator.collate(&items, Some(&tokenizer))?;
    group.bench_function("collate 64 texts", |bencher| {
        bencher.iter(|| collator.collate(black_box(&items), Some(&tokenizer)).expect("it ran before"));
    });
    group.finish();
    Ok(())
}

/// All of them; an error in what is measured ends the run with its message.
fn all(criterion: &mut Criterion) {
    for part in [layers, embedding, losses, optimiser, text] {
        if let Err(error) = part(criterion) {
            panic!("{error}");
        }
    }
}

criterion_group! {
    name = kernels;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1)).sample_size(40);
    targets = all
}
criterion_main!(kernels);
