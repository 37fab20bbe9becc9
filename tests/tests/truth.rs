//! What always holds: gradients reach every parameter, no split of a window changes them, the same seed gives the same
//! bits, and a run goes on from any checkpoint as if it had never stopped.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use candle_core::{DType, Device, Tensor, Var};
use trainer_core::args::{SaveStrategy, StepsOrRatio, TrainingArguments};
use trainer_core::collate::Batch;
use trainer_core::loss::{self, Loss};
use trainer_core::model::{BertConfig, BertForSequenceClassification, Model, Output};
use trainer_core::tensor::params::Parameters;
use trainer_core::tensor::random::Mode;
use trainer_core::train::LogEntry;
use trainer_core::train::checkpoint::folder_of;
use trainer_core::{ErrorKind, Result, Trainer};
use trainer_tests::json;
use trainer_tests::reference::{ReferenceTrainer, Tone};

/// candle's own layers: the backward pass succeeds, and what stands before a `LayerNorm` gets nothing.
#[test]
fn candle_cuts_gradients_without_a_word() -> Result<()> {
    let parameters = Parameters::new(&Device::Cpu, 1);
    let builder = parameters.builder();
    let first = candle_nn::linear(4, 4, builder.pp("first"))?;
    let norm = candle_nn::layer_norm(4, 1e-5, builder.pp("norm"))?;
    let head = candle_nn::linear(4, 3, builder.pp("head"))?;
    let input = Tensor::ones((2, 4), DType::F32, &Device::Cpu)?;
    let logits = input.apply(&first)?.apply(&norm)?.apply(&head)?;
    let gradients = logits.sqr()?.sum_all()?.backward()?;
    let reached: Vec<String> = parameters
        .list()
        .into_iter()
        .filter(|parameter| gradients.get(&parameter.variable).is_some())
        .map(|parameter| parameter.name)
        .collect();
    assert_eq!(reached, ["head.bias", "head.weight"]);
    Ok(())
}

/// A model of the user's whose graph candle cuts.
struct Cut {
    parameters: Parameters,
    first: candle_nn::Linear,
    norm: candle_nn::LayerNorm,
    head: candle_nn::Linear,
}

impl Cut {
    fn new() -> Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, 42);
        let builder = parameters.builder();
        Ok(Self {
            first: candle_nn::linear(1, 4, builder.pp("first"))?,
            norm: candle_nn::layer_norm(4, 1e-5, builder.pp("norm"))?,
            head: candle_nn::linear(4, 3, builder.pp("head"))?,
            parameters,
        })
    }
}

impl Model for Cut {
    fn forward(&self, batch: &Batch, _: Mode) -> Result<Output> {
        let lengths = batch.attention_mask()?.sum(1)?.to_dtype(DType::F32)?.unsqueeze(1)?;
        Ok(Output { logits: lengths.apply(&self.first)?.apply(&self.norm)?.apply(&self.head)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// The reference's trainer around another model.
struct CutTrainer {
    model: Cut,
    inner: ReferenceTrainer<Tone>,
}

impl trainer_core::train::TrainerParts for CutTrainer {
    type Model = Cut;
    type Args = trainer_tests::reference::Fixed;
    type Example = trainer_tests::reference::Tokens<Tone>;
    const NAME: &'static str = "CutTrainer";

    fn model(&self) -> &Cut {
        &self.model
    }

    fn args(&self) -> &Self::Args {
        self.inner.args()
    }

    fn train_dataset(&self) -> Option<&trainer_core::data::Dataset<Self::Example>> {
        self.inner.train_dataset()
    }

    fn eval_datasets(&self) -> Vec<(Option<&str>, &trainer_core::data::Dataset<Self::Example>)> {
        self.inner.eval_datasets()
    }

    fn tokenizer(&self) -> Option<&trainer_core::text::Tokenizer> {
        None
    }

    fn collator(&self) -> Box<dyn trainer_core::collate::Collator> {
        self.inner.collator()
    }

    fn loss(&self) -> Option<Box<dyn Loss>> {
        None
    }

    fn metrics(&self) -> Vec<Box<dyn trainer_core::metrics::Metric>> {
        Vec::new()
    }

    fn callbacks(&self) -> Vec<Box<dyn trainer_core::train::Callback>> {
        Vec::new()
    }
}

#[test]
fn the_first_update_stops_at_a_parameter_without_a_gradient_and_names_the_place() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let inner = ReferenceTrainer::new(&json("training/a-plain/run.json"), folder.path())?;
    let mut trainer = CutTrainer { model: Cut::new()?, inner };
    let before = trainer.model.parameters.values()["head.weight"].copy()?;
    let error = trainer.train().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gradient);
    let message = error.to_string();
    assert!(message.contains("4 of 6 parameters got no gradient"), "{message}");
    assert!(message.contains("cut at or after `norm`") && message.contains("first.weight"), "{message}");
    let after = &trainer.model.parameters.values()["head.weight"];
    assert_eq!(before.to_vec2::<f32>()?, after.to_vec2::<f32>()?, "no update was taken");
    Ok(())
}

#[test]
fn any_split_of_a_window_gives_the_same_gradient() -> Result<()> {
    let logits: Vec<Vec<f64>> =
        (0..7).map(|row| (0..3).map(|class| f64::from((row * 5 + class * 3) % 7) / 3.0 - 1.0).collect()).collect();
    let labels: [u32; 7] = [2, 0, loss::IGNORE, 1, 1, 2, 0];
    let losses: [Box<dyn Loss>; 4] = [
        Box::new(loss::ce()),
        Box::new(loss::weighted_ce(&[1.0, 2.0, 3.0])),
        Box::new(loss::ce().label_smoothing(0.1)),
        Box::new(loss::weighted_ce(&[0.5, 0.0, 3.0]).label_smoothing(0.2)),
    ];
    for (number, loss) in losses.iter().enumerate() {
        let whole = gradient(loss.as_ref(), &logits, &labels, &[7])?;
        for split in [&[3, 4][..], &[1, 1, 5], &[2, 1, 2, 1, 1], &[1; 7]] {
            let parts = gradient(loss.as_ref(), &logits, &labels, split)?;
            for (whole, part) in whole.iter().flatten().zip(parts.iter().flatten()) {
                assert!((whole - part).abs() < 1e-12, "loss {number}, split {split:?}: {whole} and {part}");
            }
        }
    }
    Ok(())
}

/// The gradient of the logits when a window is split into micro-batches of these sizes, divided once.
fn gradient(loss: &dyn Loss, logits: &[Vec<f64>], labels: &[u32], split: &[usize]) -> Result<Vec<Vec<f64>>> {
    let (mut begin, mut weight, mut rows) = (0, 0.0, Vec::new());
    for size in split {
        let part = begin..begin + size;
        let logits = Var::from_tensor(&Tensor::new(logits[part.clone()].to_vec(), &Device::Cpu)?)?;
        let labels = Some(Tensor::new(&labels[part.clone()], &Device::Cpu)?);
        let batch = Batch { rows: part.collect(), labels, ..Batch::default() };
        let sum = loss.loss(&Output { logits: logits.as_tensor().clone() }, &batch)?;
        weight += sum.weight();
        let gradients = sum.sum().backward()?;
        rows.extend(gradients.get(&logits).expect("logits have a gradient").to_vec2::<f64>()?);
        begin += size;
    }
    rows.iter_mut().flatten().for_each(|value| *value /= weight);
    Ok(rows)
}

/// A small model with dropout, from scratch.
fn model() -> Result<BertForSequenceClassification<Tone>> {
    BertForSequenceClassification::from_config(BertConfig {
        vocab_size: 800,
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 32,
        max_position_embeddings: 64,
        ..BertConfig::default()
    })
}

type Change = fn(&mut TrainingArguments);

/// What a run leaves: the bits of its files, and its history without times.
#[derive(Debug, PartialEq)]
struct Outcome {
    files: BTreeMap<String, u64>,
    history: Vec<LogEntry>,
}

/// Trains the small model with dropout, five updates of two micro-batches an epoch, with a checkpoint at every update.
fn train(folder: &Path, change: Change, from: Option<usize>) -> Result<Outcome> {
    let mut trainer = ReferenceTrainer::<Tone>::new(&json("training/a-plain/run.json"), folder)?;
    trainer.model = model()?;
    let arguments = &mut trainer.args.0;
    arguments.per_device_train_batch_size = 5;
    arguments.gradient_accumulation_steps = 2;
    arguments.num_train_epochs = 2.0;
    arguments.save_strategy = SaveStrategy::Steps;
    arguments.save_steps = StepsOrRatio::Steps(1);
    arguments.logging_steps = StepsOrRatio::Steps(3);
    change(arguments);
    match from {
        None => trainer.train()?,
        Some(update) => trainer.train_from(folder_of(folder, update))?,
    };
    let last = folder_of(folder, 10);
    let files = ["model.safetensors", "optimizer.safetensors", "config.json"].map(|name| {
        let bytes = std::fs::read(last.join(name)).expect("the last checkpoint is whole");
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        (name.to_owned(), hasher.finish())
    });
    Ok(Outcome { files: files.into(), history: without_times(trainer.state().log_history) })
}

fn without_times(history: Vec<LogEntry>) -> Vec<LogEntry> {
    let is_time = |key: &String| key.ends_with("runtime") || key.ends_with("per_second");
    history.into_iter().map(|entry| entry.into_iter().filter(|(key, _)| !is_time(key)).collect()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() -> Result<()> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?];
    let first = train(folders[0].path(), |_| (), None)?;
    assert_eq!(first, train(folders[1].path(), |_| (), None)?);
    let other = train(folders[2].path(), |arguments| arguments.seed = 7, None)?;
    assert_ne!(first.files["model.safetensors"], other.files["model.safetensors"]);
    Ok(())
}

#[test]
fn resuming_at_any_update_equals_never_stopping() -> Result<()> {
    trainer_tests::on_both_ways(resuming)
}

fn resuming() -> Result<()> {
    let changes: [Change; 2] = [|_| (), |arguments| arguments.group_by_length = true];
    for change in changes {
        let folder = tempfile::tempdir()?;
        let whole = train(folder.path(), change, None)?;
        for update in 1..10 {
            assert_eq!(whole, train(folder.path(), change, Some(update))?, "resumed after update {update}");
        }
    }
    Ok(())
}

#[test]
fn a_checkpoint_of_another_plan_is_refused_with_the_difference() -> Result<()> {
    let folder = tempfile::tempdir()?;
    train(folder.path(), |_| (), None)?;
    let error = train(folder.path(), |arguments| arguments.seed = 7, Some(3)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checkpoint);
    assert!(error.to_string().contains("`seed` was 42 and is 7"), "{error}");
    Ok(())
}

#[test]
fn a_checkpoint_that_was_changed_is_refused_and_the_one_before_is_taken() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let whole = train(folder.path(), |_| (), None)?;
    let torn = folder_of(folder.path(), 10).join("model.safetensors");
    let bytes = std::fs::read(&torn)?;
    std::fs::write(&torn, &bytes[..bytes.len() / 2])?;
    let error = train(folder.path(), |_| (), Some(10)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");
    let latest: Change = |arguments| {
        arguments.resume_from_checkpoint = Some(trainer_core::args::ResumeFrom::Latest);
    };
    assert_eq!(whole, train(folder.path(), latest, None)?);
    Ok(())
}
