//! all-MiniLM-L6-v2 on real texts of other tasks than one class for a text, through the public API: several labels, tags,
//! Korean sentiment, the likeness of Korean sentences. Each is beside what Hugging Face's Trainer gets with the same
//! settings, and above the floor that a linear model on counted words sets, or that the most common answer does.
//!
//! The weights are looked for in the folder that `TRAINER_MINILM` names, the texts in a folder `shared/data` beside the
//! repository. Where one of them is missing, the tests say so and end.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use trainer_core::Result;
use trainer_core::prelude::*;
use trainer_tests::real::{named, texts};

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
    seed: u64,
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

/// As the arguments above, for some updates alone.
#[derive(TrainingArgs)]
#[training_args(
    per_device_train_batch_size = 16,
    learning_rate = 1e-4,
    max_steps = 20,
    max_length = 128,
    save_strategy = "no",
    logging_steps = 1000
)]
struct FewUpdates {
    output_dir: PathBuf,
}

#[trainer(callbacks = [Watch])]
struct WatchedTrainer {
    model: BertForSequenceClassification<Vec<Emotion>>,
    args: FewUpdates,
    train_dataset: Dataset<Comment>,
    tokenizer: Tokenizer,
}

/// The loss and the norm of the gradient of each update.
static UPDATES: Mutex<Vec<(f64, f64)>> = Mutex::new(Vec::new());

struct Watch;

impl Callback for Watch {
    fn on_step_end(&mut self, moment: &RunMoment<'_>, _: &mut Control) -> Result<()> {
        if let Some(update) = moment.update {
            UPDATES.lock().expect("no test failed").push((update.loss, update.grad_norm));
        }
        Ok(())
    }
}

/// What Hugging Face's Trainer (transformers 5.23, torch 2.15) gives with `FewUpdates`, without dropout and with seed 42: the
/// loss and the norm of the gradient of each update.
const HUGGING_FACE_UPDATES: [(f64, f64); 20] = [
    (0.6949786, 0.455673),
    (0.6855460, 0.414083),
    (0.6777633, 0.412931),
    (0.6664465, 0.468922),
    (0.6532478, 0.483298),
    (0.6416160, 0.487441),
    (0.6289366, 0.510864),
    (0.6140248, 0.528260),
    (0.5949231, 0.605976),
    (0.5841720, 0.581829),
    (0.5681568, 0.617516),
    (0.5604425, 0.583671),
    (0.5571016, 0.570372),
    (0.5530964, 0.549533),
    (0.5546150, 0.545216),
    (0.5203373, 0.633109),
    (0.5203735, 0.601005),
    (0.5195689, 0.593124),
    (0.5384622, 0.536610),
    (0.5122096, 0.632755),
];

/// The folder of the model and that of the texts; `None`, which is said, where one is missing.
fn there() -> Option<(PathBuf, PathBuf)> {
    let found = named("TRAINER_MINILM").zip(texts());
    if found.is_none() {
        println!("skipped: needs all-MiniLM-L6-v2 (set TRAINER_MINILM to its folder) and the texts in shared/data");
    }
    found
}

/// Trains and evaluates once; prints a line of the table and gives the metric.
fn run<T: Trainer>(name: &str, metric: &str, seed: u64, trainer: &mut T) -> Result<f64> {
    let begin = Instant::now();
    trainer.train()?;
    let (seconds, metrics) = (begin.elapsed().as_secs_f64(), trainer.evaluate()?);
    println!("{name:16} seed {seed:>2}  {metric} {:.3}  loss {:.4}  {seconds:.0} s", metrics[metric], metrics["loss"]);
    Ok(metrics[metric])
}

/// The mean of the seeds is above the floor; it is printed beside what Hugging Face's Trainer gets, where that is known, and is
/// not far below it.
fn compare(name: &str, found: &[f64], hugging_face: &[f64], floor: f64, tolerance: f64) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let found = mean(found);
    println!("{name:16} mean {found:.3}, floor {floor:.3}");
    assert!(found > floor, "{name}: {found}, the floor is {floor}");
    if !hugging_face.is_empty() {
        let hugging_face = mean(hugging_face);
        println!("{name:16} Hugging Face {hugging_face:.3}");
        assert!(found > hugging_face - tolerance, "{name}: {found}, Hugging Face's Trainer {hugging_face}");
    }
}

/// A trainer of one of the kinds above.
macro_rules! trainer_of {
    ($kind:ident, $model:ident, $name:literal, $seed:expr, $there:expr) => {{
        let (model, texts) = &$there;
        let folder = tempfile::tempdir()?;
        let trainer = $kind {
            model: $model::from_pretrained_with_new_head(model)?,
            args: Args { output_dir: folder.path().to_owned(), seed: $seed },
            train_dataset: Dataset::from_jsonl(texts.join(concat!($name, ".train.jsonl")))?,
            eval_dataset: Dataset::from_jsonl(texts.join(concat!($name, ".test.jsonl")))?,
            tokenizer: Tokenizer::from_dir(model)?,
        };
        (trainer, folder)
    }};
}

/// The model without dropout: its files, with another configuration.
fn without_dropout(model: &Path, to: &Path) {
    for name in ["model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(model.join(name), to.join(name)).expect("the folder can be written");
    }
    let text = std::fs::read_to_string(model.join("config.json")).expect("a model has a configuration");
    let mut config: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    for key in ["hidden_dropout_prob", "attention_probs_dropout_prob"] {
        config[key] = 0.0.into();
    }
    std::fs::write(to.join("config.json"), config.to_string()).expect("the folder can be written");
}

#[test]
#[ignore = "some updates of a real model, whose folder TRAINER_MINILM names"]
fn updates_on_real_texts_of_several_labels_are_those_of_hugging_face() -> Result<()> {
    let Some((model, texts)) = there() else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    without_dropout(&model, folder.path());
    let mut trainer = WatchedTrainer {
        model: BertForSequenceClassification::from_pretrained_with_new_head(folder.path())?,
        args: FewUpdates { output_dir: folder.path().join("results") },
        train_dataset: Dataset::from_jsonl(texts.join("goemotions_ekman.train.jsonl"))?,
        tokenizer: Tokenizer::from_dir(folder.path())?,
    };
    trainer.train()?;
    let found = UPDATES.lock().expect("no test failed").clone();
    assert_eq!(found.len(), HUGGING_FACE_UPDATES.len());
    for (step, ((loss, norm), (their_loss, their_norm))) in found.iter().zip(&HUGGING_FACE_UPDATES).enumerate() {
        println!("update {:>2}: loss {loss:.6}, Hugging Face {their_loss:.6}", step + 1);
        assert!((loss - their_loss).abs() < 1e-4, "update {}: {loss}, Hugging Face {their_loss}", step + 1);
        assert!((norm - their_norm).abs() < 1e-3 * their_norm, "update {}: norm {norm}, {their_norm}", step + 1);
    }
    Ok(())
}

#[test]
#[ignore = "minutes of training on a real model, whose folder TRAINER_MINILM names"]
fn several_labels_are_learnt() -> Result<()> {
    let Some(there) = there() else { return Ok(()) };
    let mut found = Vec::new();
    for seed in [42, 1, 2] {
        let (mut trainer, _folder) =
            trainer_of!(CommentTrainer, BertForSequenceClassification, "goemotions_ekman", seed, there);
        found.push(run("goemotions_ekman", "f1", seed, &mut trainer)?);
    }
    compare("goemotions_ekman", &found, &[0.517, 0.491], 0.446, 0.04);
    Ok(())
}

#[test]
#[ignore = "minutes of training on a real model, whose folder TRAINER_MINILM names"]
fn tags_are_learnt() -> Result<()> {
    let Some(there) = there() else { return Ok(()) };
    // Some words there are white space or a variation selector alone: they have no tokens, and a tag in every prediction.
    let (mut trainer, _folder) = trainer_of!(TweetTrainer, BertForTokenClassification, "btc_ner", 42, there);
    let found = run("btc_ner", "entity_f1", 42, &mut trainer)?;
    let predicted = trainer.predict(&trainer.eval_dataset)?.predictions;
    for (tweet, prediction) in trainer.eval_dataset.iter().zip(&predicted) {
        assert_eq!(prediction.tags.len(), tweet.tokens.len());
    }
    // The most common tag alone finds no entity.
    compare("btc_ner", &[found], &[0.758], 0.0, 0.03);
    Ok(())
}

#[test]
#[ignore = "minutes of training on a real model, whose folder TRAINER_MINILM names"]
fn korean_texts_are_learnt_as_well_as_their_tokens_allow() -> Result<()> {
    // The tokenizer splits Hangul into single letters: what counts characters (0.796) does better.
    let Some(there) = there() else { return Ok(()) };
    let (mut trainer, _folder) = trainer_of!(OpinionTrainer, BertForSequenceClassification, "nsmc", 42, there);
    let found = run("nsmc", "accuracy", 42, &mut trainer)?;
    compare("nsmc", &[found], &[0.554], 0.5, 0.05);
    let (mut trainer, _folder) = trainer_of!(LikenessTrainer, BertForSequenceClassification, "korsts", 42, there);
    let found = run("korsts", "spearman", 42, &mut trainer)?;
    compare("korsts", &[found], &[0.179], 0.0, 0.1);
    Ok(())
}
