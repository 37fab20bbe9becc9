//! `gradient_checkpointing` changes what is kept and not what is learnt: every bit is that of a run without.

use std::collections::BTreeMap;

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Positive,
}

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no", max_steps = 3, learning_rate = 0.001, max_tokens_per_chunk = 100)]
struct Args {
    output_dir: std::path::PathBuf,
    gradient_checkpointing: bool,
}

#[trainer(collator = Padding(pad_id = 0))]
struct Classifier {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[trainer(collator = Padding(pad_id = 0), peft = lora(r = 4, dropout = 0.2, target_modules = "all-linear"))]
struct Adapted {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

fn model() -> BertForSequenceClassification<Rating> {
    let config = BertConfig {
        vocab_size: 300,
        hidden_size: 48,
        num_hidden_layers: 3,
        num_attention_heads: 4,
        intermediate_size: 96,
        ..BertConfig::default()
    };
    BertForSequenceClassification::from_config(config).unwrap()
}

fn rows() -> Dataset<Tokens> {
    let example = |row: u32| Tokens {
        input_ids: (0..20 + 7 * (row % 5)).map(|place| 1 + (row * 7919 + place * 31) % 299).collect(),
        label: if row.is_multiple_of(3) { Rating::Negative } else { Rating::Positive },
    };
    Dataset::from_examples((0..24).map(example).collect())
}

/// The bits of the mean loss and of every parameter.
type Bits = (u64, BTreeMap<String, Vec<u32>>);

fn bits(parameters: &Parameters, loss: f64) -> Bits {
    let of = |tensor: &candle_core::Tensor| {
        let numbers = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        numbers.into_iter().map(f32::to_bits).collect()
    };
    let parameters = parameters.list().into_iter().map(|parameter| (parameter.name, of(&parameter.variable)));
    (loss.to_bits(), parameters.collect())
}

/// A run with dropout everywhere, in chunks.
fn trained(is_adapted: bool, gradient_checkpointing: bool) -> Bits {
    let folder = tempfile::tempdir().unwrap();
    let args = Args { output_dir: folder.path().join("results"), gradient_checkpointing };
    if is_adapted {
        let mut trainer = Adapted { model: model(), args, train_dataset: rows() };
        let loss = trainer.train().unwrap().training_loss;
        return bits(trainer.model.parameters(), loss);
    }
    let mut trainer = Classifier { model: model(), args, train_dataset: rows() };
    let loss = trainer.train().unwrap().training_loss;
    bits(trainer.model.parameters(), loss)
}

#[test]
fn checkpointing_gives_the_same_bits() {
    for is_adapted in [false, true] {
        let (loss, parameters) = trained(is_adapted, false);
        assert!(f64::from_bits(loss) > 0.0);
        let (again, checkpointed) = trained(is_adapted, true);
        assert_eq!(loss, again, "another loss with checkpointing (adapters: {is_adapted})");
        assert!(parameters == checkpointed, "other parameters with checkpointing (adapters: {is_adapted})");
    }
}
