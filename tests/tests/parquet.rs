//! Parquet files: what is read of them, and what is said of those that cannot be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::Value;
use tempfile::TempDir;
use trainer_core::prelude::*;
use trainer_tests::reviews::{Labelled, Rating as Class, Review};

#[path = "parquet/writer.rs"]
mod writer;

use writer::{Column, write, write_with};

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example, Debug)]
#[example(train = "fixtures/data/reviews.parquet")]
struct Tokens {
    input_ids: Vec<u32>,
    #[example(label, column = "label")]
    rating: Rating,
    #[example(extra)]
    topics: Vec<Rating>,
    #[example(extra)]
    note: Option<String>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data").join(name)
}

fn refusal<E: Example>(path: &Path) -> String {
    let error = Dataset::<E>::from_file(path).map(|_| ()).unwrap_err();
    error.to_string().replace(&format!("{}/", path.parent().unwrap().display()), "")
}

fn refused<E: Example>(columns: &[Column<'_>]) -> String {
    let (_folder, path) = in_folder("a.parquet");
    write(&path, columns);
    refusal::<E>(&path)
}

fn in_folder(name: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

/// The file was written by `datasets` 5.2.0, in two groups of rows.
#[test]
fn a_file_of_the_datasets_library_reads_as_it_was_written() {
    let rows: Vec<BTreeMap<String, Value>> =
        serde_json::from_slice(&std::fs::read(fixture("reviews.json")).unwrap()).unwrap();
    let dataset = Dataset::<Tokens>::train().unwrap();
    assert_eq!(dataset.len(), rows.len());
    assert_eq!(Tokens::TRAIN_ROWS, Some(rows.len()));
    for (example, row) in dataset.iter().zip(&rows) {
        assert_eq!(Value::from(example.input_ids.clone()), row["input_ids"]);
        assert_eq!(Value::from(example.rating.index()), row["label"]);
        let topics: Vec<usize> = example.topics.iter().map(ClassLabel::index).collect();
        assert_eq!(Value::from(topics), row["topics"]);
        assert_eq!(Value::from(example.note.clone()), row["note"]);
    }
    let unused: Vec<(&str, usize)> = dataset.unused_columns().iter().map(|c| (c.name.as_str(), c.rows)).collect();
    assert_eq!(unused, [("text", 4), ("meta", 4)]);
    assert!(dataset.place(3).ends_with("reviews.parquet: row 4"), "{}", dataset.place(3));
    let kept = dataset.filter(|example| example.rating == Rating::Negative);
    assert!(kept.place(0).ends_with("reviews.parquet: row 3"), "{}", kept.place(0));
}

/// The file was written by `pyarrow` 26.0.1: dictionaries, zstd, pages of version 2, and a column of times that no field takes.
#[test]
fn categories_are_classes_by_name() {
    let dataset = Dataset::<Review>::from_file(fixture("categories.parquet")).unwrap();
    let labels: Vec<Class> = dataset.iter().map(|example| example.label).collect();
    assert_eq!(labels, [Class::Positive, Class::Negative, Class::Positive, Class::Neutral]);
    assert_eq!(dataset.unused_columns().len(), 2);
}

#[test]
fn every_compression_that_is_compiled_in_reads_the_same_rows() {
    for codec in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(parquet::basic::ZstdLevel::default())]
    {
        let (_folder, path) = in_folder("a.parquet");
        let properties = WriterProperties::builder().set_compression(codec).build();
        write_with(&path, &[Column::Texts("text", &["a", "b"]), Column::Longs("label", &[2, 0])], properties);
        let dataset = Dataset::<Review>::from_file(&path).unwrap();
        let expected = [("a", Class::Positive), ("b", Class::Negative)]
            .map(|(text, label)| Labelled { text: text.to_owned(), label });
        assert_eq!(dataset.examples(), expected, "{codec:?}");
    }
}

#[test]
fn a_missing_column_is_answered_with_the_columns_of_the_file() {
    let message = refused::<Review>(&[Column::Texts("text", &["a"]), Column::Longs("lable", &[0])]);
    let expected = "a.parquet: this file has no `label`\nhelp: did you mean `lable`? Rename the column, or write `#[example(column = \"lable\")]` on the field\nhelp: its columns are `text`, `lable`";
    assert_eq!(message, expected);
    let message = refused::<Review>(&[Column::Longs("stars", &[0])]);
    assert_eq!(
        message,
        "a.parquet: this file has no `text`\nhelp: where the column has another name, write `#[example(column = \"…\")]` on the field\nhelp: its columns are `stars`"
    );
}

#[test]
fn a_value_that_does_not_fit_is_answered_with_its_row() {
    let message = refused::<Review>(&[Column::Texts("text", &["a", "b"]), Column::Longs("label", &[0, 3])]);
    let classes = "\nhelp: its classes, in order from 0, are `negative`, `neutral`, `positive`";
    assert_eq!(message, format!("a.parquet: row 2: `label` is 3, which is no class of `Rating`{classes}"));
    let message = refused::<Review>(&[Column::Texts("text", &["a"]), Column::Texts("label", &["neutal"])]);
    let expected =
        "a.parquet: row 1: `label` is \"neutal\", which is no class of `Rating`\nhelp: did you mean \"neutral\"?";
    assert_eq!(message, expected);
    let message = refused::<Review>(&[Column::Longs("text", &[5]), Column::Longs("label", &[0])]);
    assert_eq!(message, "a.parquet: row 1: `text` is 5, expected a text");
    let message = refused::<Review>(&[Column::Texts("text", &["a", " "]), Column::Longs("label", &[0, 0])]);
    assert_eq!(message, "a.parquet: row 2: `text` holds only white space\nhelp: leave the row out, or give it a text");
}

#[test]
fn nulls_and_numbers_that_are_not_finite_are_refused_where_they_are_needed() {
    let text = Column::Texts("text", &["a", "b", "c"]);
    let message = refused::<Labelled<f32>>(&[text, Column::Doubles("label", &[Some(0.5), None, Some(1.0)])]);
    assert_eq!(message, "a.parquet: row 2: `label` is null, expected a number");
    let message = refused::<Labelled<f32>>(&[text, Column::Doubles("label", &[Some(0.5), Some(1.0), Some(f64::NAN)])]);
    let expected = "a.parquet: row 3: `label` is NaN, which is not a finite number\nhelp: leave the row out, or write a number or null";
    assert_eq!(message, expected);
}

#[test]
fn a_column_of_a_type_that_no_field_can_hold_is_refused_by_what_it_holds() {
    for (column, what) in [(Column::Days("text", &[1]), "dates"), (Column::Bytes("text", &[b"a"]), "bytes")] {
        let message = refused::<Review>(&[column, Column::Longs("label", &[0])]);
        let expected = format!(
            "a.parquet: `text` holds {what}, which no field can hold\nhelp: write the column as text, numbers, truth values, or lists of these"
        );
        assert_eq!(message, expected);
    }
}

/// Nothing of the crate writes gzip here: the codec is one byte of the footer.
#[test]
fn a_compression_that_is_not_compiled_in_is_named() {
    let (_folder, path) = in_folder("a.parquet");
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    write_with(&path, &[Column::Texts("text", &["a"]), Column::Longs("label", &[0])], properties);
    let metadata = writer::metadata_with_codec(&path, Compression::GZIP(parquet::basic::GzipLevel::default()));
    std::fs::write(&path, metadata).unwrap();
    let expected = "a.parquet: `text` is compressed with gzip, which is not read here\nhelp: write the file with zstd, snappy or no compression, as in `df.to_parquet(path, compression=\"zstd\")`";
    assert_eq!(refusal::<Review>(&path), expected);
}

#[test]
fn classes_that_the_file_numbers_in_another_order_are_refused() {
    let (_folder, path) = in_folder("a.parquet");
    let features = |names: &str| {
        format!(r#"{{"info": {{"features": {{"label": {{"names": [{names}], "_type": "ClassLabel"}}}}}}}}"#)
    };
    let columns = [Column::Texts("text", &["a"]), Column::Longs("label", &[0])];
    let write_features = |names: &str| {
        let entry = parquet::file::metadata::KeyValue::new("huggingface".to_owned(), features(names));
        let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![entry])).build();
        write_with(&path, &columns, properties);
    };
    write_features(r#""positive", "neutral", "negative""#);
    let expected = "a.parquet: `label` numbers its classes positive, neutral, negative, but `Rating` has the order negative, neutral, positive\nhelp: write the variants in the order of the file, counted from 0";
    assert_eq!(refusal::<Review>(&path), expected);
    for names in [r#""Negative", "Neutral", "Positive""#, r#""bad", "so-so", "good""#] {
        write_features(names);
        assert_eq!(Dataset::<Review>::from_file(&path).unwrap()[0].label, Class::Negative);
    }
}

#[test]
fn a_file_that_is_not_parquet_or_has_no_rows_is_refused() {
    let (_folder, path) = in_folder("a.parquet");
    let not_parquet = "a.parquet: this is no Parquet file: it does not end with `PAR1`\nhelp: the file is cut off, or in another format than its name says";
    for content in ["", "PAR1", "{\"text\": \"a\", \"label\": 0}"] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(refusal::<Review>(&path), not_parquet);
    }
    write(&path, &[Column::Texts("text", &[]), Column::Longs("label", &[])]);
    assert_eq!(
        refusal::<Review>(&path),
        "`a.parquet` has no rows\nhelp: write at least one row: a JSON object in `.jsonl` and `.json`, a line below the header in `.csv` and `.tsv`"
    );
    std::fs::remove_file(&path).unwrap();
    assert!(refusal::<Review>(&path).starts_with("there is no file `a.parquet`"));
}

/// Cut anywhere, and with any byte turned over: an error or rows, never a panic that leaves the reader.
#[test]
fn a_broken_file_is_an_error() {
    let (_folder, path) = in_folder("a.parquet");
    let whole = std::fs::read(fixture("reviews.parquet")).unwrap();
    for length in (0..whole.len()).step_by(7) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(Dataset::<Tokens>::from_file(&path).is_err(), "cut at {length}");
    }
    let mut refused = 0;
    for position in (0..whole.len()).step_by(3) {
        let mut broken = whole.clone();
        broken[position] ^= 0xff;
        std::fs::write(&path, &broken).unwrap();
        refused += usize::from(Dataset::<Tokens>::from_file(&path).is_err());
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn an_empty_list_is_an_empty_list() {
    let (_folder, path) = in_folder("a.parquet");
    write(&path, &[Column::Lists("input_ids", &[&[1, 2], &[]]), Column::Longs("label", &[0, 1])]);
    let message = refusal::<trainer_tests::reviews::Tokenised>(&path);
    assert!(message.starts_with("a.parquet: row 2: `input_ids` is empty\n"), "{message}");
}

#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Rating>,
}

#[derive(Example)]
struct Chat {
    messages: Vec<Message>,
}

#[test]
fn lists_of_texts_and_of_messages_are_read() {
    let (_folder, path) = in_folder("a.parquet");
    let words = Column::ListsOfTexts("tokens", &[&["it", "is", "good"], &["bad"]]);
    write(&path, &[words, Column::Lists("tags", &[&[1, 1, 2], &[0]])]);
    let sentences: Dataset<Sentence> = Dataset::from_parquet(&path).unwrap();
    assert_eq!(sentences[0].tokens, ["it", "is", "good"]);
    assert_eq!(sentences[0].tags, [Rating::Neutral, Rating::Neutral, Rating::Positive]);
    assert_eq!((sentences.len(), sentences[1].tags.as_slice()), (2, &[Rating::Negative][..]));
    let message = refused::<Sentence>(&[words, Column::Lists("tags", &[&[1, 1, 2], &[0, 0]])]);
    assert_eq!(message, "a.parquet: row 2: `tokens` has 1 word, but `tags` has 2\nhelp: one tag for each word");

    let turns: &[(&str, &str)] = &[("user", "2 + 2?"), ("assistant", "4")];
    write(&path, &[Column::ListsOfMessages("messages", &[turns])]);
    let chats: Dataset<Chat> = Dataset::from_parquet(&path).unwrap();
    assert_eq!(chats[0].messages, [Message::new("user", "2 + 2?"), Message::new("assistant", "4")]);
    let message = refused::<Chat>(&[Column::ListsOfMessages("messages", &[&[("usr", "2 + 2?")]])]);
    assert!(message.starts_with("a.parquet: row 1: `messages[0].role` is \"usr\", which is no role"), "{message}");
}
