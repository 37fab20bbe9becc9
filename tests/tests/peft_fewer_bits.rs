//! Adapters over weights in 8 and 4 bits, through the public API: what is trained, what it costs, that both ways agree, and
//! that what is saved is for the base as it was.

use candle_core::Tensor;
use trainer_core::collate::{Item, ItemInput};
use trainer_core::data::Target;
use trainer_core::prelude::*;
use trainer_core::text::Encoding;
use trainer_core::transformer::{Way, computing};

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Parity {
    Even,
    Odd,
}

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
    label: Parity,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "steps", save_steps = 10, num_train_epochs = 8, learning_rate = 0.02)]
struct Args {
    output_dir: std::path::PathBuf,
}

#[trainer(collator = Padding(pad_id = 0), peft = lora(r = 4, target_modules = "all-linear", load_in_8bit))]
struct InEightBits {
    model: BertForSequenceClassification<Parity>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[trainer(collator = Padding(pad_id = 0), peft = lora(r = 4, target_modules = "all-linear", load_in_4bit = true))]
struct InFourBits {
    model: BertForSequenceClassification<Parity>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

fn model() -> BertForSequenceClassification<Parity> {
    let config = BertConfig {
        vocab_size: 40,
        hidden_size: 64,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 128,
        initializer_range: 0.1,
        ..BertConfig::default()
    };
    BertForSequenceClassification::from_config(config).unwrap()
}

/// The class is whether the first token is odd.
fn rows() -> Dataset<Tokens> {
    let example = |row: u32| Tokens {
        input_ids: (0..6 + row % 5).map(|place| 1 + (row * 7 + place * 11) % 39).collect(),
        label: if (1 + row * 7 % 39).is_multiple_of(2) { Parity::Even } else { Parity::Odd },
    };
    Dataset::from_examples((0..39).map(example).collect())
}

fn logits(model: &impl Model, way: Way) -> Tensor {
    let ids = [3, 9, 27, 1, 4];
    let input = ItemInput::Tokens(Encoding::from_tokens(&ids, None, None).unwrap());
    let item = Item { row: 0, input, target: Target::None };
    let batch = Padding::new().pad_id(0).collate(&[&item], None).unwrap();
    computing(way, || model.forward(&batch, Mode::Evaluate)).unwrap().logits.detach()
}

fn difference(one: &Tensor, other: &Tensor) -> f32 {
    (one - other).unwrap().abs().unwrap().max_all().unwrap().to_scalar().unwrap()
}

/// Trains, and compares what there is with what was there.
macro_rules! trains {
    ($kind:ident, $bytes_of_32:expr, $tolerance:expr) => {{
        let folder = tempfile::tempdir().unwrap();
        let args = Args { output_dir: folder.path().join("results") };
        let mut trainer = $kind { model: model(), args, train_dataset: rows() };
        let (whole, base) = (logits(&trainer.model, Way::Fused), folder.path().join("base"));
        trainer.save_model(&base).unwrap();
        let before = trainer.evaluate_on(&rows()).unwrap()["loss"];
        let plan = trainer.plan().unwrap();
        let in_blocks = 2 * (4 * 64 * 64 + 2 * 64 * 128);
        let spared = 4 * in_blocks - in_blocks / 32 * $bytes_of_32;
        assert_eq!(plan.memory.weights, 4 * plan.parameters - spared);
        assert!(trainer.model.parameters().list().iter().all(|one| !one.name.ends_with("query.weight")));
        let packed = logits(&trainer.model, Way::Fused);
        let off = difference(&packed, &whole);
        assert!(off > 0.0 && off < $tolerance, "off by {off}");
        let ways = difference(&packed, &logits(&trainer.model, Way::Reference));
        assert!(ways < 1e-5, "the ways differ by {ways}");
        trainer.train().unwrap();
        let after = trainer.evaluate_on(&rows()).unwrap()["loss"];
        assert!(after < 0.5 * before, "{before} before, {after} after");
        (trainer, folder, base)
    }};
}

#[test]
fn adapters_learn_over_eight_bits_and_load_on_the_whole_base() {
    let (trainer, folder, _) = trains!(InEightBits, 34, 0.05);
    let saved = folder.path().join("adapters");
    trainer.save_model(&saved).unwrap();
    let whole = model();
    whole.load_adapter(&saved).unwrap();
    let off = difference(&logits(&whole, Way::Fused), &logits(&trainer.model, Way::Fused));
    assert!(off < 0.2, "off by {off}");
    let error = trainer.model.merge_adapter().unwrap_err();
    assert_eq!(error.message(), "weights in fewer bits cannot take what the adapters learnt");
}

#[test]
fn adapters_learn_over_four_bits() {
    trains!(InFourBits, 20, 0.5);
}
