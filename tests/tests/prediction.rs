//! Prediction: what was checked once is not checked again, every word has a tag, and a pair is two texts.

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

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Entity {
    #[label(name = "B-LOC")]
    Place,
    #[label(name = "O")]
    Outside,
    #[label(name = "I-LOC")]
    InPlace,
}

#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Option<Entity>>,
}

#[trainer(metrics = [entity_f1, accuracy])]
struct TagTrainer {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    eval_dataset: Option<Dataset<Sentence>>,
    tokenizer: Tokenizer,
}

/// A sentence of these words, each of which has the tag beside it.
fn sentence(words: &[(&str, Entity)]) -> Sentence {
    let (tokens, tags) = words.iter().map(|(word, tag)| ((*word).to_owned(), Some(*tag))).unzip();
    Sentence { tokens, tags }
}

fn tag_trainer() -> Result<TagTrainer> {
    let tokenizer = Tokenizer::train_wordpiece(&TEXTS, &WordPieceSettings { vocab_size: 60, ..Default::default() })?;
    let config = BertConfig {
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 16,
        initializer_range: 0.5,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    };
    Ok(TagTrainer {
        model: BertForTokenClassification::from_config(config)?,
        args: Args {},
        train_dataset: [sentence(&[("rain", Entity::Place), ("day", Entity::InPlace)])].into_iter().collect(),
        eval_dataset: None,
        tokenizer,
    })
}

#[test]
fn every_word_has_a_tag_and_one_that_the_model_does_not_read_is_outside() -> Result<()> {
    let trainer = tag_trainer()?;
    let place = Entity::Place;
    let long = vec![("rain", place); 30];
    let rows = [&[("rain", place), (" ", place), ("day", place)][..], &[("\u{200b}", place)], &long];
    let with_tags: Dataset<Sentence> = rows.iter().map(|words| sentence(words)).collect();
    // What a word's tag is, or that it has none, is not looked at.
    let without_tags = rows.iter().map(|words| Sentence { tags: vec![None; words.len()], ..sentence(words) });
    let without_tags: Dataset<Sentence> = without_tags.collect();
    let found = trainer.predict(&with_tags)?;
    let same = trainer.predict(&without_tags)?;
    assert_eq!((&found.predictions, &found.logits), (&same.predictions, &same.logits));
    let unread = |row: usize| -> Vec<usize> {
        let scores = &found.predictions[row].scores;
        assert_eq!((scores.len(), found.predictions[row].tags.len()), (rows[row].len(), rows[row].len()));
        (0..scores.len()).filter(|word| scores[*word] <= 0.0).collect()
    };
    assert_eq!((unread(0), unread(1)), (vec![1], vec![0]));
    assert_eq!(unread(2), (14..30).collect::<Vec<_>>(), "16 positions have two special tokens");
    for (row, prediction) in found.predictions.iter().enumerate() {
        assert!(unread(row).iter().all(|word| prediction.tags[*word] == Entity::Outside));
    }
    let alone = trainer.predict_one("rain day")?;
    let together = trainer.predict(&[sentence(&[("rain", place), ("day", place)])].into_iter().collect())?;
    assert_eq!(alone, together.predictions[0]);
    assert!(trainer.predict_one(" ")?.tags.is_empty());
    Ok(())
}

#[test]
fn a_word_without_tokens_is_on_neither_side_of_an_evaluation() -> Result<()> {
    let trainer = tag_trainer()?;
    let (place, inside) = (Entity::Place, Entity::InPlace);
    let with_blanks = [
        sentence(&[("rain", place), ("\u{200b}", Entity::Outside), ("day", inside)]),
        sentence(&[("", place), ("chip", inside), ("all", Entity::Outside), (" ", place)]),
    ];
    let without =
        [sentence(&[("rain", place), ("day", inside)]), sentence(&[("chip", inside), ("all", Entity::Outside)])];
    let of = |rows: [Sentence; 2]| trainer.evaluate_on(&rows.into_iter().collect());
    let (found, expected) = (of(with_blanks)?, of(without)?);
    for key in ["loss", "entity_f1", "accuracy"] {
        assert_eq!(found[key].to_bits(), expected[key].to_bits(), "{key}");
    }
    let nothing = trainer.evaluate_on(&[sentence(&[("\u{200b}", place)])].into_iter().collect()).unwrap_err();
    let expected = "example 0: the tokenizer makes nothing of the words that have a tag\nhelp: leave the row out";
    assert_eq!(nothing.to_string(), expected);
    Ok(())
}

#[derive(Example)]
struct Likeness {
    text: String,
    text_pair: String,
    label: f32,
}

#[trainer]
struct PairTrainer {
    model: BertForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Likeness>,
    tokenizer: Tokenizer,
}

#[test]
fn a_pair_is_predicted_as_a_row_of_a_data_set_is() -> Result<()> {
    let tokenizer = Tokenizer::train_wordpiece(&TEXTS, &WordPieceSettings { vocab_size: 60, ..Default::default() })?;
    let config = BertConfig {
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 16,
        initializer_range: 0.5,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    };
    let model = BertForSequenceClassification::from_config(config)?;
    let rows = [("rain all day", "a chip"), ("a chip", "rain all day")];
    let likeness = rows.map(|(text, pair)| Likeness { text: text.to_owned(), text_pair: pair.to_owned(), label: 0.0 });
    let trainer = PairTrainer { model, args: Args {}, train_dataset: likeness.into_iter().collect(), tokenizer };
    let of_all = trainer.predict(&trainer.train_dataset)?.predictions;
    for ((text, pair), of_all) in rows.iter().zip(&of_all) {
        let found = trainer.predict_pair(text, pair)?.values[0];
        assert!((found - of_all.values[0]).abs() < 1e-5, "{found} and {of_all:?}");
    }
    assert!((of_all[0].values[0] - of_all[1].values[0]).abs() > 1e-3, "the order of the texts counts");
    let one = tag_trainer()?.predict_pair("rain", "day").unwrap_err().to_string();
    assert!(one.starts_with("a row of `Sentence` is one text, and not a pair\nhelp: `predict_one(text)`"), "{one}");
    Ok(())
}
