//! What the model reads of an example, where `formatting` says it: by a template, or by a function.

use std::fs;

use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;
use trainer_core::{Result, data};

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    World,
    #[label(name = "high tech")]
    Tech,
}

mod schema {
    use super::{Example, Topic};

    /// Its fields are private: what formats it is in another module.
    #[derive(Example)]
    pub(super) struct News {
        #[example(text, column = "body")]
        text: String,
        #[example(extra)]
        title: String,
        #[example(extra)]
        votes: Option<u32>,
        #[example(extra)]
        stars: f32,
        #[example(extra)]
        desk: Topic,
        #[example(extra)]
        words: Vec<String>,
        #[example(label)]
        topic: Topic,
    }

    impl News {
        pub(super) fn shouted(&self) -> String {
            format!("{} {}", self.title.to_uppercase(), self.words.join(" "))
        }

        pub(super) fn new(title: &str, text: &str, votes: Option<u32>, topic: Topic) -> Self {
            let (title, text) = (title.to_owned(), text.to_owned());
            Self {
                text,
                title,
                votes,
                stars: 1.5,
                desk: Topic::Tech,
                words: vec!["a".to_owned(), "b".to_owned()],
                topic,
            }
        }
    }
}

use schema::News;

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no")]
struct Args {
    output_dir: String,
}

#[trainer(formatting = "{{{title}}} ({votes}, {stars}, {desk}):\n{text}")]
struct Templated {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<News>,
    tokenizer: Tokenizer,
}

fn shouted(news: &News) -> String {
    news.shouted()
}

#[trainer(formatting = self::shouted)]
struct Written {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<News>,
    tokenizer: Tokenizer,
}

fn alike(_: &News) -> &'static str {
    "the same text"
}

#[trainer(formatting = alike)]
struct Fixed {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<News>,
    tokenizer: Tokenizer,
}

fn nothing(_: &News) -> String {
    " \n".to_owned()
}

#[trainer(formatting = nothing)]
struct Empty {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<News>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Plain {
    model: BertForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<News>,
    tokenizer: Tokenizer,
}

macro_rules! trainer_of {
    ($kind:ident, $folder:expr) => {{
        let texts = ["Rain: it rains at the same text all day", "Chips: (4, 1.5, high tech) {}"];
        let settings = WordPieceSettings { vocab_size: 120, ..Default::default() };
        let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
        let config = BertConfig {
            vocab_size: tokenizer.vocabulary_size(),
            hidden_size: 16,
            num_hidden_layers: 1,
            num_attention_heads: 2,
            intermediate_size: 16,
            max_position_embeddings: 128,
            ..BertConfig::default()
        };
        $kind {
            model: BertForSequenceClassification::from_config(config)?,
            args: Args { output_dir: $folder.path().to_string_lossy().into_owned() },
            train_dataset: rows(),
            tokenizer,
        }
    }};
}

fn rows() -> Dataset<News> {
    Dataset::from_examples(vec![
        News::new("Rain", "it rains", Some(4), Topic::World),
        News::new("Chips", "smaller again", None, Topic::Tech),
    ])
}

#[test]
fn a_template_shows_fields_of_every_kind() {
    let formatting = Templated::formatting().expect("it has a template");
    assert_eq!(formatting(&rows()[0]), "{Rain} (4, 1.5, high tech):\nit rains");
    assert_eq!(formatting(&rows()[1]), "{Chips} (, 1.5, high tech):\nsmaller again");
    assert!(Plain::formatting().is_none());
    assert_eq!(<News as Example>::SHOWN, [true, true, true, true, true, false, true]);
}

#[test]
fn the_model_reads_what_is_formatted() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (templated, written) = (trainer_of!(Templated, folder), trainer_of!(Written, folder));
    let read = templated.predict(&rows())?.logits;
    let plain = trainer_of!(Plain, folder).predict(&rows())?.logits;
    assert_ne!(read, plain);
    // A text that is given by itself is formatted already.
    let by_hand = templated.predict_one("{Rain} (4, 1.5, high tech):\nit rains")?;
    let highest = |logits: &[f32]| data::first_maximum(logits) as usize;
    assert_eq!(by_hand.label.index(), highest(&read[0]));
    let difference = by_hand.probabilities[0] - 1.0 / (1.0 + (read[0][1] - read[0][0]).exp());
    assert!(difference.abs() < 1e-6, "{difference}");
    assert_ne!(written.predict(&rows())?.logits, read);
    let same = trainer_of!(Fixed, folder).predict(&rows())?.logits;
    assert_eq!(same[0], same[1]);
    Ok(())
}

#[test]
fn a_run_trains_on_what_is_formatted_and_names_the_row_of_an_empty_text() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut templated = trainer_of!(Templated, folder);
    templated.train()?;
    let path = folder.path().join("news.jsonl");
    let row = r#"{"body": "b", "title": "t", "votes": 1, "stars": 2, "desk": "world", "words": [], "topic": 0}"#;
    fs::write(&path, format!("{row}\n{row}\n"))?;
    let mut empty = Empty { train_dataset: Dataset::from_jsonl(&path)?, ..trainer_of!(Empty, folder) };
    let message = empty.train().unwrap_err().to_string();
    let expected = "news.jsonl:1: `formatting` makes an empty text of this row\nhelp: leave the row out";
    assert!(message.contains(expected), "{message}");
    Ok(())
}
