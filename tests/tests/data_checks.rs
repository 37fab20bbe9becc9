//! Data files read while compiling: what is right compiles, and what is wrong is said as when the program runs.

use std::fs;
use std::path::Path;

use trainer_core::Error;
use trainer_core::data::{Dataset, Example};
use trainer_core::prelude::*;

/// Right data is answered with nothing at all.
mod right {
    #![deny(warnings)]
    #![allow(dead_code, reason = "the items are there to be compiled")]

    use trainer_core::prelude::*;

    #[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) enum Rating {
        Negative,
        Neutral,
        Positive,
    }

    #[derive(Example)]
    #[example(train = "data/train.jsonl", eval = "data/eval.jsonl", check = "full")]
    pub(super) struct Review {
        text: String,
        /// In no row of the files.
        text_pair: Option<String>,
        #[example(label)]
        rating: Rating,
    }

    #[derive(Example)]
    #[example(train = "data/kinds.csv", file = "data/kinds.tsv", file = "data/kinds.json")]
    pub(super) struct Kinds {
        text: String,
        #[example(label)]
        topics: Vec<Rating>,
        #[example(extra)]
        stars: Option<u8>,
        #[example(extra)]
        seen: bool,
        #[example(extra)]
        weight: f32,
        #[example(extra)]
        rating: Option<Rating>,
    }

    #[derive(Example)]
    #[example(train = "data/nowhere.jsonl", check = "off")]
    pub(super) struct Unchecked {
        text: String,
        label: Rating,
    }

    /// The first number is the largest, and a file that only measures may have one label.
    #[derive(Example)]
    #[example(train = "data/scores.jsonl", eval = "data/same_score.jsonl", test = "data/same_score.jsonl")]
    pub(super) struct Scored {
        text: String,
        label: f32,
    }

    #[derive(Example)]
    #[example(train = "data/one_score.jsonl")]
    pub(super) struct ScoredInAList {
        text: String,
        label: [f32; 1],
    }

    /// As many numbers that are 5.5 as there are rows, and two others.
    #[derive(Example)]
    #[example(train = "data/two_scores.jsonl")]
    pub(super) struct ScoredTwice {
        text: String,
        label: [f32; 2],
    }

    #[derive(Example)]
    #[allow(deprecated)]
    #[example(train = "compile_fail/data/files/no_positive.jsonl", eval = "compile_fail/data/files/one_label.jsonl")]
    pub(super) struct Allowed {
        text: String,
        label: Rating,
    }
}

/// Nothing of the standard library's prelude is in scope, and the core has another name.
mod without_a_prelude {
    #![no_implicit_prelude]
    #![deny(warnings)]

    pub(crate) use ::trainer_core as engine;

    #[derive(engine::Example)]
    #[example(train = "data/train.jsonl", crate = engine)]
    pub(super) struct Review {
        text: ::std::string::String,
        #[example(label)]
        rating: super::right::Rating,
    }
}

#[test]
fn the_length_of_the_training_file_is_known() {
    assert_eq!(right::Review::TRAIN_ROWS, Some(6));
    assert_eq!(right::Kinds::TRAIN_ROWS, Some(3));
    assert_eq!(right::Unchecked::TRAIN_ROWS, None);
    assert_eq!(without_a_prelude::Review::TRAIN_ROWS, Some(6));
}

#[test]
fn what_compiles_is_read() {
    assert_eq!(Dataset::<right::Review>::train().unwrap().len(), 6);
    for file in ["data/kinds.csv", "data/kinds.tsv", "data/kinds.json"] {
        assert_eq!(Dataset::<right::Kinds>::from_file(file).unwrap().len(), 3, "{file}");
    }
    let error = Dataset::<right::Unchecked>::train().map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("there is no file `data/nowhere.jsonl`"), "{error}");
}

#[test]
fn the_readers_of_the_compiler_are_those_of_the_program() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let source = |path: &str| fs::read_to_string(crates.join(path)).unwrap();
    let readers = ["json_array", "json_lines", "json_object", "lines", "messages", "separated", "shown"];
    let files = readers.map(|name| (format!("data/read/{name}.rs"), format!("read/{name}.rs")));
    for (core, macros) in files.into_iter().chain([("nearest.rs".to_owned(), "nearest.rs".to_owned())]) {
        let (core, macros) = (format!("trainer-core/src/{core}"), format!("trainer-macros/src/inspect/{macros}"));
        assert!(source(&core) == source(&macros), "copy {core} to {macros}");
    }
}

use right::Rating;

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

#[derive(Example)]
struct Named {
    text: String,
    #[example(label, column = "rating")]
    label: Rating,
}

#[derive(Example)]
struct Numbers {
    text: String,
    label: f32,
    #[example(extra)]
    votes: u8,
    #[example(extra)]
    seen: bool,
    #[example(extra)]
    weight: f64,
}

#[derive(Example)]
struct Features {
    features: [f32; 2],
    label: f32,
}

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
    attention_mask: Option<Vec<u32>>,
    token_type_ids: Option<Vec<u32>>,
    label: Rating,
}

#[derive(Example)]
struct Topic {
    #[example(text)]
    topic: String,
    label: Rating,
}

#[derive(Example)]
struct Topics {
    text: String,
    labels: Vec<Rating>,
}

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-PER")]
    Person,
    #[label(name = "I-PER")]
    InPerson,
}

#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

#[derive(Example)]
struct TaggedTokens {
    input_ids: Vec<u32>,
    tags: Vec<Option<Entity>>,
}

#[derive(Example)]
struct LabelledTokens {
    input_ids: Vec<u32>,
    labels: Vec<i64>,
}

#[derive(Example)]
struct Translation {
    source: String,
    target: String,
}

#[derive(Example)]
struct Answer {
    prompt: String,
    completion: String,
}

#[derive(Example)]
struct Chat {
    messages: Vec<Message>,
}

fn refusal<E: Example>(path: &str) -> Error {
    Dataset::<E>::from_file(path).map(|_| ()).unwrap_err()
}

/// Every line of what the program says must stand in what the compiler says of the same file.
#[test]
fn the_compiler_and_the_program_say_the_same() {
    type Read = fn(&str) -> Error;
    let cases: [(&str, &str, Read); 45] = [
        ("label_that_is_no_class", "unknown_label.jsonl", refusal::<Review>),
        ("label_that_is_no_class_in_every_format", "unknown_label.csv", refusal::<Review>),
        ("label_that_is_no_class_in_every_format", "unknown_label.tsv", refusal::<Review>),
        ("label_that_is_no_class_in_every_format", "unknown_label.json", refusal::<Review>),
        ("label_of_other_kinds", "label_kinds.jsonl", refusal::<Review>),
        ("column_that_is_missing", "missing_column.jsonl", refusal::<Review>),
        ("column_that_is_missing_in_the_header", "missing_column.csv", refusal::<Named>),
        ("column_that_some_rows_lack", "missing_once.jsonl", refusal::<Review>),
        ("text_that_is_none", "text_types.jsonl", refusal::<Review>),
        ("numbers_that_are_none", "numbers.csv", refusal::<Numbers>),
        ("features_of_another_length_or_type", "features.json", refusal::<Features>),
        ("features_of_another_length_or_type", "features_length.json", refusal::<Features>),
        ("tokens_of_other_types", "ids.jsonl", refusal::<Tokens>),
        ("tokens_in_tsv", "ids.tsv", refusal::<Tokens>),
        ("several_labels", "topics.jsonl", refusal::<Topics>),
        ("several_labels", "topics_vector.jsonl", refusal::<Topics>),
        ("several_labels", "topics_twice.jsonl", refusal::<Topics>),
        ("text_that_is_empty", "empty_text.jsonl", refusal::<Review>),
        ("text_that_is_blank_in_csv", "empty_text.csv", refusal::<Review>),
        ("tokens_and_marks_of_different_lengths", "lengths.jsonl", refusal::<Tokens>),
        ("masks_that_hide_everything", "masks.jsonl", refusal::<Tokens>),
        ("file_without_rows", "empty.jsonl", refusal::<Review>),
        ("file_without_rows", "empty.csv", refusal::<Review>),
        ("json_that_is_broken", "cut.jsonl", refusal::<Review>),
        ("json_that_is_broken", "broken.json", refusal::<Review>),
        ("json_that_is_broken", "objects.json", refusal::<Review>),
        ("json_that_is_broken", "array.jsonl", refusal::<Review>),
        ("column_misspelt_in_one_row", "misspelt_once.jsonl", refusal::<Topic>),
        ("json_of_another_shape", "pretty.jsonl", refusal::<Review>),
        ("json_of_another_shape", "data_key.json", refusal::<Review>),
        ("json_of_another_shape", "columns.json", refusal::<Review>),
        ("separator_of_another_format", "semicolons.csv", refusal::<Review>),
        ("rows_that_do_not_fit_the_header", "ragged.csv", refusal::<Review>),
        ("rows_that_do_not_fit_the_header", "twice.tsv", refusal::<Review>),
        ("tag_that_is_no_class", "tags.jsonl", refusal::<Sentence>),
        ("tag_that_is_no_class", "tags_null.jsonl", refusal::<Sentence>),
        ("words_and_tags_of_different_lengths", "tags_lengths.jsonl", refusal::<Sentence>),
        ("words_and_tags_of_different_lengths", "tags_of_tokens.jsonl", refusal::<TaggedTokens>),
        ("words_and_tags_of_different_lengths", "tags_of_tokens.jsonl", refusal::<LabelledTokens>),
        ("words_in_csv", "words.csv", refusal::<Sentence>),
        ("texts_to_write_that_are_empty", "empty_source.jsonl", refusal::<Translation>),
        ("texts_to_write_that_are_empty", "empty_prompt.csv", refusal::<Answer>),
        ("messages_that_are_none", "messages.jsonl", refusal::<Chat>),
        ("messages_that_are_none", "messages_role.jsonl", refusal::<Chat>),
        ("messages_that_are_none", "messages_text.jsonl", refusal::<Chat>),
    ];
    for (case, file, read) in cases {
        let answer = fs::read_to_string(format!("compile_fail/data/{case}.stderr")).unwrap();
        let said: Vec<&str> = answer.lines().map(said).collect();
        for line in read(&format!("compile_fail/data/files/{file}")).to_string().lines() {
            assert!(said.contains(&line), "{case}, {file}: the compiler does not say\n{line}");
        }
    }
}

/// A line without what the compiler puts before it.
fn said(line: &str) -> &str {
    let line = line.trim_start();
    let line = line.strip_prefix("error[E0080]: evaluation panicked: ").unwrap_or(line);
    line.strip_prefix("error: ").unwrap_or(line)
}
