//! Adapters on a model of a program's own, whose layers are those of `trainer_core::nn`.

use candle_core::{D, DType, Device, Tensor};
use trainer_core::Result;
use trainer_core::nn::{self, Embedding, Linear};
use trainer_core::prelude::*;
use trainer_core::tensor::random::Moment;

#[derive(Example)]
struct Review {
    text: String,
    label: f32,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no")]
struct Args {
    output_dir: String,
}

/// Every value, bit for bit, by its name.
fn bits(model: &impl Model) -> Result<Vec<(String, Vec<u32>)>> {
    let values = model.parameters().values().into_iter();
    values
        .map(|(name, value)| {
            let numbers = value.flatten_all()?.to_vec1::<f32>()?;
            Ok((name, numbers.into_iter().map(f32::to_bits).collect()))
        })
        .collect()
}

/// A model of a program's own: a mean of embeddings, and two linear layers.
struct Tiny {
    words: Embedding,
    inner: Linear,
    head: Linear,
    parameters: Parameters,
}

impl Tiny {
    fn new() -> Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, 42);
        let builder = parameters.builder();
        Ok(Self {
            words: nn::embedding(100, 8, 0.5, builder.pp("words"))?,
            inner: nn::linear(8, 8, 0.5, builder.pp("inner"))?,
            head: nn::linear(8, 1, 0.5, builder.pp("head"))?,
            parameters,
        })
    }
}

impl Model for Tiny {
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let words = self.words.forward(batch.input_ids()?)?.mean(D::Minus2)?;
        let inner = self.inner.forward_in(&words, mode)?.tanh()?;
        Ok(Output { logits: self.head.forward_in(&inner, mode)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

const TARGETS: &[&str] = &["inner"];

#[trainer(peft = lora(r = 2, alpha = 4.0, target_modules = TARGETS, modules_to_save = ["head"]))]
struct TinyTrainer {
    model: Tiny,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[test]
fn a_model_of_a_program_s_own_takes_adapters() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let texts = ["good", "bad", "fine"];
    let mut trainer = TinyTrainer {
        model: Tiny::new()?,
        args: Args { output_dir: folder.path().to_string_lossy().into_owned() },
        train_dataset: Dataset::from_examples(
            texts
                .into_iter()
                .zip([1.0, 0.0, 0.5])
                .map(|(text, label)| Review { text: text.to_owned(), label })
                .collect(),
        ),
        tokenizer: Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 40, ..Default::default() })?,
    };
    let before = bits(&trainer.model)?;
    trainer.train()?;
    let trained: Vec<String> =
        trainer.model.parameters().list().into_iter().filter(|p| p.trainable).map(|p| p.name).collect();
    assert_eq!(trained, ["head.bias", "head.weight", "inner.lora_A.weight", "inner.lora_B.weight"]);
    for (name, after) in bits(&trainer.model)? {
        let before = before.iter().find(|(known, _)| *known == name);
        assert!(before.is_none_or(|(_, before)| (*before != after) == name.starts_with("head")), "{name}");
    }
    Ok(())
}

#[test]
fn an_adapter_drops_of_its_input_only_while_training() -> Result<()> {
    let input = Tensor::ones((4, 8), DType::F32, &Device::Cpu)?;
    let mode = |update| Mode::Train(Moment { seed: 7, epoch: 0, update, micro_batch: 0 });
    for lora in [Lora::new().use_rslora(true), Lora::new().use_dora(true)] {
        let tiny = Tiny::new()?;
        tiny.add_adapter(&lora.r(2).dropout(0.5).target_modules(TARGETS))?;
        let layer = |mode| -> Result<Vec<Vec<f32>>> { Ok(tiny.inner.forward_in(&input, mode)?.to_vec2()?) };
        let plain = Tiny::new()?.inner.forward(&input)?.to_vec2::<f32>()?;
        // `B` is zero, so that an adapter changes nothing at first.
        assert_eq!((layer(Mode::Evaluate)?, layer(mode(0))?), (plain.clone(), plain.clone()));
        let up = tiny.parameters.get("inner.lora_B.weight").expect("the adapter is on");
        up.variable.set(&Tensor::ones((8, 2), DType::F32, &Device::Cpu)?)?;
        assert_ne!(layer(Mode::Evaluate)?, plain);
        assert_eq!(layer(mode(0))?, layer(mode(0))?);
        assert_ne!(layer(mode(0))?, layer(mode(1))?);
        assert_ne!(layer(mode(0))?, layer(Mode::Evaluate)?);
        assert_eq!(tiny.inner.forward(&input)?.to_vec2::<f32>()?, layer(Mode::Evaluate)?);
    }
    Ok(())
}
