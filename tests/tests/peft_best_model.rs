//! The best adapters of a run come back at its end.

use candle_core::Device;
use trainer_core::Result;
use trainer_core::model::weights;
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(
    learning_rate = 0.5,
    num_train_epochs = 4.0,
    eval_strategy = "epoch",
    save_strategy = "epoch",
    load_best_model_at_end = true
)]
struct Args {
    output_dir: String,
}

#[trainer(peft = lora(r = 2, use_dora))]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[test]
fn the_best_adapters_are_loaded_at_the_end() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let texts = ["love it", "hate it", "it is great", "it is broken"];
    let tokenizer = Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 60, ..Default::default() })?;
    let rows = || -> Dataset<Review> {
        let labels = [Rating::Positive, Rating::Negative].into_iter().cycle();
        texts.into_iter().zip(labels).map(|(text, label)| Review { text: text.to_owned(), label }).collect()
    };
    let mut trainer = ReviewTrainer {
        model: BertForSequenceClassification::from_config(BertConfig {
            vocab_size: tokenizer.vocabulary_size(),
            hidden_size: 16,
            num_hidden_layers: 1,
            num_attention_heads: 2,
            intermediate_size: 16,
            ..BertConfig::default()
        })?,
        args: Args { output_dir: folder.path().to_string_lossy().into_owned() },
        train_dataset: rows(),
        eval_dataset: rows(),
        tokenizer,
    };
    trainer.train()?;
    let best = trainer.state().best_model_checkpoint.expect("evaluations chose one");
    let saved = weights::read(&std::path::Path::new(&best).join("adapter_model.safetensors"), &Device::Cpu)?;
    let values = trainer.model.parameters().values();
    assert_eq!(saved.len(), 2 * 3 + 2);
    for (name, expected) in saved {
        let value = &values[name.trim_start_matches("base_model.model.")];
        let numbers = |tensor: &candle_core::Tensor| -> Result<Vec<f32>> { Ok(tensor.flatten_all()?.to_vec1()?) };
        assert_eq!(numbers(value)?, numbers(&expected)?, "{name}");
    }
    let best_loss = trainer.state().best_metric.expect("it was measured");
    assert!((trainer.evaluate()?["loss"] - best_loss).abs() < 1e-6);
    Ok(())
}
