//! Summaries of data files: what is written, and what is said when the file is another one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Price,
    Speed,
    Help,
}

#[derive(Example, Debug)]
struct Review {
    text: String,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    topics: Vec<Topic>,
    #[example(extra)]
    note: Option<String>,
    #[example(extra)]
    score: f64,
}

#[derive(Example, Debug)]
struct Line {
    text: String,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    flag: bool,
}

#[derive(Example, Debug)]
struct Tokens {
    input_ids: Vec<u32>,
    attention_mask: Vec<u32>,
    #[example(label)]
    rating: Rating,
}

/// The file of `fixtures/summary/whole` in a folder of its own.
fn copied(name: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::copy(fixture(name), &path).unwrap();
    (folder, path)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/summary/whole").join(name)
}

fn written<E: Example>(name: &str) -> String {
    let (_folder, path) = copied(name);
    let summary = Dataset::<E>::write_summary(&path).unwrap();
    assert_eq!(summary, path.with_extension("schema.json"));
    fs::read_to_string(summary).unwrap()
}

/// The macros read these files in their own tests and find in them what they find in the data.
#[test]
fn the_summaries_are_those_that_the_macros_read() {
    for (summary, name) in [
        (written::<Review>("reviews.jsonl"), "reviews.schema.json"),
        (written::<Line>("rows.csv"), "rows.schema.json"),
        (written::<Tokens>("tokens.json"), "tokens.schema.json"),
    ] {
        if std::env::var_os("WRITE_FIXTURES").is_some() {
            fs::write(fixture(name), &summary).unwrap();
        }
        assert_eq!(summary, fs::read_to_string(fixture(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_summary_counts_labels_and_holds_no_other_text() {
    let text = written::<Review>("reviews.jsonl");
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&summary["rows"], &summary["file"]), (&5.into(), &"reviews.jsonl".into()));
    let ratings = summary["columns"][1]["values"].as_array().unwrap();
    let ratings: Vec<(&Value, u64)> = ratings.iter().map(|v| (&v["value"], v["rows"].as_u64().unwrap())).collect();
    assert_eq!(ratings, [(&"positive".into(), 2), (&1.into(), 1), (&"negative".into(), 2)]);
    assert_eq!(summary["columns"][3]["missing"]["rows"], 2);
    assert_eq!(summary["unused"][0]["name"], "id");
    assert!(!text.contains("penny") && !text.contains("crashes"), "{text}");
}

#[test]
fn names_of_people_in_a_column_that_is_merely_kept_are_not_written() {
    #[derive(Example, Debug)]
    struct Signed {
        text: String,
        #[example(label)]
        score: f32,
        #[example(extra)]
        author: String,
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.jsonl");
    let row = |number| format!("{{\"text\": \"a\", \"score\": 1, \"author\": \"person {number}\"}}\n");
    fs::write(&path, (0..51).map(row).collect::<String>()).unwrap();
    let summary = fs::read_to_string(Dataset::<Signed>::write_summary(&path).unwrap()).unwrap();
    assert!(!summary.contains("person"), "{summary}");
    fs::write(&path, (0..50).map(row).collect::<String>()).unwrap();
    let summary = fs::read_to_string(Dataset::<Signed>::write_summary(&path).unwrap()).unwrap();
    assert!(summary.contains("person 49"), "{summary}");
    let signed = Dataset::<Signed>::from_file(&path).unwrap();
    assert_eq!((&*signed[0].text, signed[0].score, &*signed[0].author), ("a", 1.0, "person 0"));
}

#[test]
fn a_file_that_does_not_fit_has_no_summary() {
    let (folder, path) = copied("reviews.jsonl");
    let broken = fs::read_to_string(&path).unwrap().replace("\"negative\"", "\"bad\"");
    fs::write(&path, broken).unwrap();
    let message = Dataset::<Review>::write_summary(&path).unwrap_err().to_string();
    assert!(message.contains("reviews.jsonl:5: `rating` is \"bad\", which is no class of `Rating`"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let message = Dataset::<Review>::write_summaries().unwrap_err().to_string();
    assert!(message.starts_with("`Review` names no data file\n"), "{message}");
}

/// Starts `data_program`, whose struct names `data/reviews.jsonl`: whether it succeeded, what it printed and what it said.
fn program(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_data_program")).current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_file_that_is_not_the_summarised_one_is_said_when_it_is_read() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("data")).unwrap();
    let file = folder.path().join("data/reviews.jsonl");
    let row = "{\"text\": \"a\", \"rating\": \"neutral\"}\n";
    fs::write(&file, row).unwrap();
    let all_well = (true, "1 rows\n".to_owned(), String::new());
    assert_eq!(program(folder.path(), &[]), all_well);

    let wrote = (true, "wrote data/reviews.schema.json\n".to_owned(), String::new());
    assert_eq!(program(folder.path(), &["schema"]), wrote);
    assert_eq!(program(folder.path(), &["schema", "--of"]), all_well);
    let once = fs::read(folder.path().join("data/reviews.schema.json")).unwrap();
    assert_eq!(program(folder.path(), &["schema"]), wrote);
    assert_eq!(fs::read(folder.path().join("data/reviews.schema.json")).unwrap(), once);

    let help = "help: its rows fit; write the summary anew with `Dataset::write_summaries`\n";
    fs::write(&file, row.replace("\"a\"", "\"b\"")).unwrap();
    let said = "note: `data/reviews.jsonl` has another content than when `data/reviews.schema.json` was written\n";
    assert_eq!(program(folder.path(), &[]).2, format!("{said}{help}"));
    fs::write(&file, row.repeat(2)).unwrap();
    let said = "note: `data/reviews.jsonl` has 70 bytes, but `data/reviews.schema.json` was written when it had 35\n";
    assert_eq!(program(folder.path(), &[]).2, format!("{said}{help}"));

    fs::write(&file, row.replace("neutral", "neutal")).unwrap();
    let (succeeded, _, said) = program(folder.path(), &[]);
    let expected = "Error: data/reviews.jsonl:1: `rating` is \"neutal\", which is no class of `Rating`\nhelp: did you mean \"neutral\"?\nhelp: `data/reviews.jsonl` has 34 bytes, but `data/reviews.schema.json` was written when it had 35\n";
    assert!(!succeeded);
    assert_eq!(said, expected);
    fs::write(&file, row).unwrap();
    fs::write(folder.path().join("data/reviews.schema.json"), "{}").unwrap();
    assert!(program(folder.path(), &[]).2.contains("`data/reviews.schema.json` is no summary that this version reads"));
}

#[derive(Example, Debug)]
struct Row {
    text: String,
    #[example(label)]
    rating: Rating,
}

#[test]
fn other_arguments_are_not_the_schema_command() {
    assert!(!Dataset::<Review>::schema_command().unwrap());
    let review = Dataset::<Review>::from_file(fixture("reviews.jsonl")).unwrap();
    assert_eq!(
        (&review[2].topics[..], review[3].note.as_deref()),
        (&[Topic::Speed, Topic::Help][..], Some("also kept"))
    );
    assert!(review.iter().all(|row| row.score.is_finite() && !row.text.is_empty() && row.rating.index() < 3));
    let lines = Dataset::<Line>::from_file(fixture("rows.csv")).unwrap();
    assert_eq!((&*lines[2].text, lines[2].flag, lines[2].rating), ("12", true, Rating::Negative));
    let tokens = Dataset::<Tokens>::from_file(fixture("tokens.json")).unwrap();
    assert_eq!((tokens[1].input_ids.len(), tokens[0].attention_mask[2], tokens[2].rating), (1, 0, Rating::Neutral));
    let row = Dataset::<Row>::from_file(fixture("reviews.jsonl")).unwrap();
    assert_eq!((row.len(), &*row[3].text, row[3].rating), (5, "crashes", Rating::Negative));
}

/// The file is not in the repository, only its summary, which compiles without a warning.
#[deny(warnings)]
mod committed {
    use trainer_core::prelude::*;

    use super::Rating;

    #[derive(Example, Debug)]
    #[example(train = "fixtures/summary/alone/reviews.jsonl")]
    pub(super) struct Review {
        pub(super) text: String,
        #[example(label)]
        pub(super) rating: Rating,
    }
}

#[test]
fn a_struct_compiles_against_a_summary_in_the_place_of_the_file() {
    assert_eq!(committed::Review::TRAIN_ROWS, Some(5));
    let message = Dataset::<committed::Review>::train().unwrap_err().to_string();
    assert!(message.starts_with("there is no file `fixtures/summary/alone/reviews.jsonl`\n"), "{message}");
    let review = committed::Review { text: "a".to_owned(), rating: Rating::Neutral };
    assert_eq!((&*review.text, review.rating), ("a", Rating::Neutral));
}
