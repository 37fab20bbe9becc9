//! Prediction: what was checked once is not checked again.

use std::sync::atomic::{AtomicUsize, Ordering};

use trainer_core::Result;
use trainer_core::collate::Item;
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    World,
    Tech,
}

#[derive(Example)]
struct News {
    text: String,
    label: Topic,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "unused", save_strategy = "no")]
struct Args {}

/// How often the parts of a trainer were asked for what lays rows out.
static ASKED: AtomicUsize = AtomicUsize::new(0);

struct Counted(Padding);

impl Default for Counted {
    fn default() -> Self {
        ASKED.fetch_add(1, Ordering::Relaxed);
        Self(Padding::new())
    }
}

impl Collator for Counted {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        self.0.collate(items, tokenizer)
    }
}

#[trainer(collator = Counted::default(), peft = lora(r = 2, target_modules = ["query"]))]
struct NewsTrainer {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<News>,
    tokenizer: Tokenizer,
}

const TEXTS: [&str; 4] = ["rain all day", "a chip", "rain on chips and on all that is in them", "day"];

fn trainer() -> Result<NewsTrainer> {
    let tokenizer = Tokenizer::train_wordpiece(&TEXTS, &WordPieceSettings { vocab_size: 60, ..Default::default() })?;
    let config = BertConfig {
        vocab_size: tokenizer.vocabulary_size(),
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 16,
        ..BertConfig::default()
    };
    let news = TEXTS.map(|text| News { text: text.to_owned(), label: Topic::World });
    Ok(NewsTrainer {
        model: BertForSequenceClassification::from_config(config)?,
        args: Args {},
        train_dataset: news.into_iter().collect(),
        tokenizer,
    })
}

#[test]
fn a_predictor_checks_the_trainer_once_and_predicts_as_the_trainer_does() -> Result<()> {
    let trainer = trainer()?;
    let of_all = trainer.predict(&trainer.train_dataset)?;
    let before = ASKED.load(Ordering::Relaxed);
    let predictor = trainer.predictor()?;
    for (text, of_all) in TEXTS.iter().zip(&of_all.predictions) {
        let alone = predictor.predict_one(text)?;
        assert_eq!(alone.label, of_all.label);
        assert!((alone.score - of_all.score).abs() < 1e-5, "{alone:?} and {of_all:?}");
    }
    assert_eq!(predictor.predict(&trainer.train_dataset)?.logits, of_all.logits);
    assert_eq!(ASKED.load(Ordering::Relaxed), before + 1);
    // A prediction of the trainer's own sees what was changed in between.
    trainer.predict_one(TEXTS[0])?;
    assert_eq!(ASKED.load(Ordering::Relaxed), before + 2);
    Ok(())
}
