//! What a program can be given that it cannot work with, and what it says then: what is wrong, where, and what to write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use trainer_core::prelude::*;
use trainer_core::{ErrorKind, Result};
use trainer_tests::reviews::file;

#[path = "bad_input/arguments.rs"]
mod arguments;
#[path = "bad_input/model_files.rs"]
mod model_files;
#[path = "bad_input/runs.rs"]
mod runs;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example, Clone)]
struct Review {
    #[example(text)]
    text: String,
    #[example(label)]
    rating: Rating,
}

#[derive(Example)]
struct Tokens {
    #[example(input_ids)]
    input_ids: Vec<u32>,
    #[example(label)]
    rating: Rating,
}

#[derive(TrainingArgs, Debug)]
#[training_args(per_device_train_batch_size = 2, report_to = [])]
struct Args {
    #[arg(default = "results")]
    output_dir: PathBuf,
    #[arg(default = 1e-3)]
    learning_rate: f64,
    #[arg(default = 1.0)]
    num_train_epochs: f64,
    #[arg(default = 0.0)]
    weight_decay: f64,
    #[arg(default = "no")]
    eval_strategy: trainer_core::args::IntervalStrategy,
    #[arg(default = 1)]
    gradient_accumulation_steps: usize,
    #[arg(default = 500)]
    save_steps: trainer_core::args::StepsOrRatio,
    #[arg(default = 42)]
    seed: u64,
    metric_for_best_model: Option<String>,
}

#[trainer(collator = Padding, metrics = [accuracy, f1(average = "macro")])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Option<Dataset<Review>>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Padding)]
struct TokensTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
    tokenizer: Tokenizer,
}

const POSITIONS: usize = 16;

fn tokenizer() -> Result<Tokenizer> {
    let texts = ["a good film", "a bad film", "neither good nor bad", "worth it"];
    Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 60, ..Default::default() })
}

fn model() -> Result<BertForSequenceClassification<Rating>> {
    BertForSequenceClassification::from_config(BertConfig {
        vocab_size: tokenizer()?.vocabulary_size(),
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: POSITIONS,
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
        ..BertConfig::default()
    })
}

fn reviews() -> Dataset<Review> {
    let ratings = [Rating::Positive, Rating::Negative, Rating::Neutral, Rating::Positive];
    let texts = ["a good film", "a bad film", "neither good nor bad", "worth it"];
    texts.iter().zip(ratings).map(|(text, rating)| Review { text: (*text).to_owned(), rating }).collect()
}

fn args(output_dir: &Path, more: &str) -> Args {
    let text = format!("output_dir = {:?}\n{more}", output_dir.display().to_string());
    Args::from_toml_str(&text).expect("these arguments can work")
}

fn trainer(args: Args) -> Result<ReviewTrainer> {
    let (model, tokenizer) = (model()?, tokenizer()?);
    Ok(ReviewTrainer { model, args, train_dataset: reviews(), eval_dataset: Some(reviews()), tokenizer })
}

/// The message, with `…` for the folder, which is another one at every run; `Debug` says the same.
#[track_caller]
fn refusal<T>(folder: &Path, kind: ErrorKind, result: Result<T>) -> String {
    let Err(error) = result else { panic!("this cannot work") };
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    assert_eq!(format!("{error:?}"), message);
    let first = message.lines().next().unwrap_or_default();
    assert!(!first.ends_with('.') && !message.contains("failed to") && !message.contains("invalid"), "{message}");
    message.replace(&folder.display().to_string(), "…")
}

#[track_caller]
fn has(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[track_caller]
fn review_file(name: &str, content: impl AsRef<[u8]>) -> String {
    let (folder, path) = file(name, content);
    let Err(error) = Dataset::<Review>::from_file(&path) else { panic!("this cannot work") };
    refusal(folder.path(), error.kind(), Err::<(), Error>(error))
}

#[test]
fn a_data_file_that_does_not_fit_is_answered_with_file_line_and_value() {
    let cases: [(&str, &[u8], &str); 9] = [
        (
            "a.jsonl",
            b"{\"text\": \"a\", \"rating\": \"neutral\"}\n{\"text\": \"b\"}\n",
            "…/a.jsonl:2: this row has no `rating`\nhelp: other rows have `rating`: write it in this row too, or leave the row out\nhelp: its columns are `text`",
        ),
        (
            "a.csv",
            b"text,stars\na,1\n",
            "…/a.csv:1: the header has no `rating`\nhelp: where the column has another name, write `#[example(column = \"…\")]` on the field\nhelp: its columns are `text`, `stars`",
        ),
        ("a.jsonl", b"{\"text\": 5, \"rating\": 0}", "…/a.jsonl:1: `text` is 5, expected a text"),
        (
            "a.jsonl",
            b"{\"text\": \"a\", \"rating\": \"neutal\"}",
            "…/a.jsonl:1: `rating` is \"neutal\", which is no class of `Rating`\nhelp: did you mean \"neutral\"?",
        ),
        (
            "a.jsonl",
            b"",
            "`…/a.jsonl` has no rows\nhelp: write at least one row: a JSON object in `.jsonl` and `.json`, a line below the header in `.csv` and `.tsv`",
        ),
        (
            "a.csv",
            b"text,rating\n",
            "`…/a.csv` has no rows\nhelp: write at least one row: a JSON object in `.jsonl` and `.json`, a line below the header in `.csv` and `.tsv`",
        ),
        (
            "a.jsonl",
            b"{\"text\": \"a\", \"rating\": 0}\n{\"text\": \"b\", \"ra",
            "…/a.jsonl:2:17: the JSON ends too early: EOF while parsing a string\nhelp: the row is cut off, or a quote or \
             bracket is not closed",
        ),
        (
            "a.jsonl",
            b"{\"text\": \"a\", \"rating\": 0}\n{\"text\": \"caf\xE9\", \"rating\": 0}\n",
            "…/a.jsonl:2: byte 14 of this line is not UTF-8\nhelp: save the file as UTF-8; `iconv -f latin1 -t utf-8` \
             converts from the old Western encoding",
        ),
        (
            "a.csv",
            b"text,rating\n\"\",neutral\n",
            "…/a.csv:2: `text` is empty\nhelp: leave the row out, or give it a text",
        ),
    ];
    for (name, content, expected) in cases {
        assert_eq!(review_file(name, content), expected);
    }
}

#[test]
fn a_text_that_is_empty_in_a_program_is_named_by_its_number() -> Result<()> {
    let folder = TempDir::new()?;
    let mut trainer = trainer(args(folder.path(), ""))?;
    trainer.train_dataset = reviews().map(|review| Review { text: review.text.replace("worth it", " "), ..review });
    let message = refusal(folder.path(), ErrorKind::Data, trainer.train());
    assert_eq!(message, "example 3: `text` holds only white space\nhelp: leave the row out, or give it a text");
    trainer.train_dataset = Dataset::from_examples(Vec::new());
    has(&refusal(folder.path(), ErrorKind::Data, trainer.train()), &["no rows"]);
    assert_eq!(names(folder.path()), [""; 0], "nothing is left half-written");
    Ok(())
}

fn train_on_tokens(rows: &str) -> Result<String> {
    let (folder, path) = file("train.jsonl", rows);
    let output = folder.path().join("results");
    let train_dataset = Dataset::from_file(&path)?;
    let mut trainer =
        TokensTrainer { model: model()?, args: args(&output, ""), train_dataset, tokenizer: tokenizer()? };
    Ok(refusal(folder.path(), ErrorKind::Data, trainer.train()))
}

#[test]
fn token_ids_that_the_model_does_not_have_are_refused_with_their_row() -> Result<()> {
    let vocabulary = tokenizer()?.vocabulary_size();
    let good = "{\"input_ids\": [2, 5, 3], \"rating\": 0}\n";
    let message = train_on_tokens(&format!("{good}{{\"input_ids\": [2, {vocabulary}, 3], \"rating\": 0}}\n"))?;
    let expected = format!(
        "…/train.jsonl:2: the token id {vocabulary} is outside of the model's vocabulary of {vocabulary}\n\
         help: ids go from 0 to {}; the tokenizer and the model must be of one directory",
        vocabulary - 1
    );
    assert_eq!(message, expected);
    let long = vec!["5"; POSITIONS + 1].join(", ");
    let message = train_on_tokens(&format!("{good}{good}{{\"input_ids\": [{long}], \"rating\": 0}}\n"))?;
    has(&message, &["…/train.jsonl:3: the row has 17 tokens, but at most 16 fit\nhelp: cut the texts where they are"]);
    Ok(())
}

#[test]
fn a_program_that_ends_in_an_error_prints_it_to_be_read() -> Result<()> {
    let folder = TempDir::new()?;
    let run = Command::new(env!("CARGO_BIN_EXE_dsl_program"))
        .current_dir(folder.path())
        .env("HF_HOME", folder.path())
        .env("HF_HUB_OFFLINE", "1")
        .output()?;
    let printed = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{printed}");
    let id = "sentence-transformers/all-MiniLM-L6-v2";
    let start = format!(
        "Error: there is no folder `{id}`, and `config.json` of the model `{id}` could not be downloaded: HF_HUB_OFFLINE is set\n\
         help: without a connection, get https://huggingface.co/{id}/resolve/main/config.json"
    );
    assert!(printed.starts_with(&start), "{printed}");
    assert!(names(folder.path()).is_empty(), "nothing is left half-written");
    Ok(())
}
