//! all-MiniLM-L6-v2 on real texts of other tasks than one class for a text, through the public API: several labels, tags,
//! Korean sentiment, the likeness of Korean sentences. Each is above the floor that a linear model on counted words sets, or
//! that the most common answer does.
//!
//! The weights are looked for in the folder that `TRAINER_MINILM` names, the texts in a folder `shared/data` beside the
//! repository. Where one of them is missing, the tests say so and end.

use std::path::{Path, PathBuf};
use std::time::Instant;

use trainer_core::Result;
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Emotion {
    Anger,
    Disgust,
    Fear,
    Joy,
    Neutral,
    Sadness,
    Surprise,
}

#[derive(Example)]
struct Comment {
    text: String,
    labels: Vec<Emotion>,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Entity {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-LOC")]
    BeginPlace,
    #[label(name = "B-ORG")]
    BeginOrganisation,
    #[label(name = "B-PER")]
    BeginPerson,
    #[label(name = "I-LOC")]
    InPlace,
    #[label(name = "I-ORG")]
    InOrganisation,
    #[label(name = "I-PER")]
    InPerson,
}

#[derive(Example)]
struct Tweet {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Sentiment {
    Negative,
    Positive,
}

#[derive(Example)]
struct Opinion {
    text: String,
    label: Sentiment,
}

#[derive(Example)]
struct Likeness {
    #[example(text, column = "text_a")]
    first: String,
    #[example(text_pair, column = "text_b")]
    second: String,
    #[example(label)]
    score: f32,
}

#[derive(TrainingArgs)]
#[training_args(
    per_device_train_batch_size = 16,
    per_device_eval_batch_size = 32,
    learning_rate = 1e-4,
    num_train_epochs = 3.0,
    max_length = 128,
    save_strategy = "no",
    logging_steps = 1000
)]
struct Args {
    output_dir: PathBuf,
}

#[trainer(metrics = [f1(average = "micro")])]
struct CommentTrainer {
    model: BertForSequenceClassification<Vec<Emotion>>,
    args: Args,
    train_dataset: Dataset<Comment>,
    eval_dataset: Dataset<Comment>,
    tokenizer: Tokenizer,
}

#[trainer(metrics = [entity_f1])]
struct TweetTrainer {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Tweet>,
    eval_dataset: Dataset<Tweet>,
    tokenizer: Tokenizer,
}

#[trainer(metrics = [accuracy])]
struct OpinionTrainer {
    model: BertForSequenceClassification<Sentiment>,
    args: Args,
    train_dataset: Dataset<Opinion>,
    eval_dataset: Dataset<Opinion>,
    tokenizer: Tokenizer,
}

#[trainer(metrics = [spearman])]
struct LikenessTrainer {
    model: BertForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Likeness>,
    eval_dataset: Dataset<Likeness>,
    tokenizer: Tokenizer,
}

/// The folder of the model and that of the texts; `None` where one is missing.
fn there() -> Option<(PathBuf, PathBuf)> {
    let model = PathBuf::from(std::env::var_os("TRAINER_MINILM")?);
    let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    texts.is_dir().then_some((model, texts))
}

/// Trains and evaluates; the value is above the floor.
fn run<T: Trainer>(name: &str, metric: &str, floor: f64, trainer: &mut T) -> Result<()> {
    let begin = Instant::now();
    trainer.train()?;
    let (seconds, metrics) = (begin.elapsed().as_secs_f64(), trainer.evaluate()?);
    println!("{name:20} {metric} {:.3}, loss {:.4}, {seconds:.0} s of training", metrics[metric], metrics["loss"]);
    assert!(metrics[metric] > floor, "{name}: {metric} is {}, the floor is {floor}", metrics[metric]);
    Ok(())
}

/// A trainer of one of the kinds above.
macro_rules! trainer_of {
    ($kind:ident, $model:ident, $name:literal, $there:expr, $folder:expr) => {{
        let (model, texts) = &$there;
        $kind {
            model: $model::from_pretrained_with_new_head(model)?,
            args: Args { output_dir: $folder.join($name) },
            train_dataset: Dataset::from_jsonl(texts.join(concat!($name, ".train.jsonl")))?,
            eval_dataset: Dataset::from_jsonl(texts.join(concat!($name, ".test.jsonl")))?,
            tokenizer: Tokenizer::from_dir(model)?,
        }
    }};
}

#[test]
#[ignore = "minutes of training on a real model, whose folder TRAINER_MINILM names"]
fn real_tasks_are_learnt() -> Result<()> {
    let Some(there) = there() else {
        println!("skipped: needs all-MiniLM-L6-v2 (set TRAINER_MINILM to its folder) and the texts in shared/data");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let mut comments = trainer_of!(CommentTrainer, BertForSequenceClassification, "goemotions_ekman", there, folder);
    run("goemotions_ekman", "f1", 0.446, &mut comments)?;
    // Some words there are white space or a variation selector alone: they have no tokens, and a tag in every prediction.
    let mut tweets = trainer_of!(TweetTrainer, BertForTokenClassification, "btc_ner", there, folder);
    run("btc_ner", "entity_f1", 0.0, &mut tweets)?;
    let predicted = tweets.predict(&tweets.eval_dataset)?.predictions;
    for (tweet, prediction) in tweets.eval_dataset.iter().zip(&predicted) {
        assert_eq!(prediction.tags.len(), tweet.tokens.len());
    }
    // The tokenizer splits Hangul into single letters: what is counted by words does better.
    let mut opinions = trainer_of!(OpinionTrainer, BertForSequenceClassification, "nsmc", there, folder);
    run("nsmc", "accuracy", 0.5, &mut opinions)?;
    let mut pairs = trainer_of!(LikenessTrainer, BertForSequenceClassification, "korsts", there, folder);
    run("korsts", "spearman", 0.0, &mut pairs)
}
