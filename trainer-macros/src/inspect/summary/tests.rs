use super::super::{Extent, look};
use super::*;

fn summary(json: &str) -> Result<Seen> {
    let folder = tempfile_folder(json);
    let columns = [("text".to_owned(), Role::Text), ("rating".to_owned(), Role::Label)];
    let looked = look("data/train.jsonl", &folder.join("train.jsonl"), Extent::Sample, &columns);
    fs::remove_dir_all(folder).unwrap();
    looked
}

/// A folder of this test's own, with a summary in it.
fn tempfile_folder(json: &str) -> PathBuf {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("trainer-summary-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("train.schema.json"), json).unwrap();
    folder
}

const WHOLE: &str = r#"{"version": 1, "file": "train.jsonl", "bytes": 9, "sha256": "", "rows": 7, "columns": [
    {"name": "text", "role": "text", "rows": 7, "values": [{"kind": "text", "line": 1, "rows": 7}]},
    {"name": "rating", "role": "label", "rows": 7, "labels": "all", "values": [
        {"kind": "text", "line": 1, "rows": 4, "value": "good"}, {"kind": "whole", "line": 3, "rows": 3, "value": 1}]}
], "unused": [{"name": "id", "rows": 7}]}"#;

#[test]
fn a_summary_tells_what_was_seen() {
    let seen = summary(WHOLE).unwrap();
    assert_eq!((seen.file.as_str(), seen.rows), ("by train.schema.json, data/train.jsonl", Some(7)));
    assert!(seen.complete && seen.columns[1].values.has_all_labels() && seen.outdated.is_none());
    let labels = seen.columns[1].values.kept();
    let labels: Vec<(&str, usize, usize)> =
        labels.iter().map(|label| (&*label.shown, label.line, label.rows)).collect();
    assert_eq!(labels, [("\"good\"", 1, 4), ("1", 3, 3)]);
    assert_eq!(seen.columns[0].values.kept()[0].shown, "a text");
}

#[test]
fn a_column_that_was_not_looked_at_is_not_checked_and_said() {
    let seen = summary(&WHOLE.replace("\"name\": \"rating\"", "\"name\": \"stars\"")).unwrap();
    let missing = seen.columns[1].missing.as_ref().unwrap();
    assert_eq!(missing.columns, ["text", "stars", "id"]);
    let help = seen.columns[1].help(missing);
    assert!(help.ends_with("on the field\nhelp: its columns are `text`, `stars`, `id`"), "{help}");
    let seen = summary(&WHOLE.replace("\"role\": \"label\"", "\"role\": \"text\"")).unwrap();
    assert!(seen.columns[1].missing.is_none() && seen.columns[1].values.kept().is_empty());
    let note = seen.outdated.unwrap();
    assert!(note.starts_with("`data/train.schema.json` does not say what is in `rating`, which is not checked; "));
}

#[test]
fn what_is_no_summary_is_refused_with_the_part_that_is_wrong() {
    for (from, to, expected) in [
        ("\"rows\": 7, \"columns\"", "\"columns\"", "this is no summary of a data file: it has no `rows`"),
        ("\"version\": 1", "\"version\": 2", "this summary has version 2, and version 1 is read here"),
        ("\"train.jsonl\"", "\"train.csv\"", "this is the summary of `train.csv`, not of `data/train.jsonl`"),
        (
            "\"kind\": \"whole\"",
            "\"kind\": \"hole\"",
            "this is no summary of a data file: `columns[1].values[1].kind` is \"hole\", expected a kind of value",
        ),
        (
            "\"line\": 3",
            "\"line\": -3",
            "this is no summary of a data file: `columns[1].values[1].line` is -3, expected a whole number",
        ),
    ] {
        let message = summary(&WHOLE.replace(from, to)).unwrap_err().to_string();
        assert_eq!(message, format!("data/train.schema.json: {expected}\nhelp: {WRITE_ANEW}"));
    }
    let message = summary("{\n  \"version\": 1,\n").unwrap_err().to_string();
    assert!(message.starts_with("data/train.schema.json:3:0: this summary of a data file is not JSON\n"), "{message}");
}

/// The core has written these summaries; its tests compare the bytes.
#[test]
fn a_summary_tells_what_the_file_would_have_told() {
    use Role::{AttentionMask, Extra, InputIds, Label, Text};
    let review = [("text", Text), ("rating", Label), ("topics", Extra), ("note", Extra), ("score", Extra)];
    let files: [(&str, &[(&str, Role)]); 3] = [
        ("reviews.jsonl", &review),
        ("rows.csv", &[("text", Text), ("rating", Label), ("flag", Extra)]),
        ("tokens.json", &[("input_ids", InputIds), ("attention_mask", AttentionMask), ("rating", Label)]),
    ];
    for (name, columns) in files {
        let columns: Vec<(String, Role)> = columns.iter().map(|(column, role)| ((*column).to_owned(), *role)).collect();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/summary/whole").join(name);
        let from_file = look(name, &file, Extent::Full, &columns).unwrap();
        assert_eq!(from_file.outdated, None);
        let from_summary = of(name, &file).unwrap().unwrap().seen(name, &columns).unwrap();
        assert_eq!((from_file.rows, from_file.complete), (from_summary.rows, from_summary.complete), "{name}");
        for (file, summary) in from_file.columns.iter().zip(&from_summary.columns) {
            assert_eq!(told(file), told(summary), "{name}");
        }
    }
}

/// All that is known of a column but the texts that a summary does not hold.
fn told(column: &ColumnSeen) -> String {
    let values = |values: &Values| {
        let mut kept = values.kept();
        kept.sort_by_key(|value| (value.line, value.index, value.text.clone(), value.shown.clone()));
        let is_told = |value: &&Value| value.kind != Kind::Text || keeps(column.role) == "labels";
        let kept: Vec<&Value> = kept.iter().filter(is_told).collect();
        format!("{kept:?} {}", values.has_all_labels())
    };
    let lists = column.lists.as_ref().map(|lists| {
        let Lists { elements, shortest, longest, vectors, repeated, .. } = lists;
        format!("{} {shortest:?} {longest:?} {vectors:?} {repeated:?}", values(elements))
    });
    format!("{:?} {} {lists:?}", column.missing, values(&column.values))
}

#[test]
fn the_core_sees_what_is_seen_here() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/inspect");
    let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trainer-core/src/data/summary");
    for name in ["lists.rs", "values.rs"] {
        let copies = [&here, &there].map(|folder| fs::read_to_string(folder.join(name)).unwrap());
        assert_eq!(copies[0], copies[1], "{name}");
    }
}
