//! Rows of supervised fine-tuning have the tokens and labels that TRL's `SFTTrainer` gives them.

use std::collections::BTreeMap;

use serde::Deserialize;
use trainer_core::data::{IGNORE, Input, Message};
use trainer_core::text::{Learned, Side, Tokenizer};
use trainer_tests::fixtures;

#[derive(Deserialize)]
struct Templates {
    templates: BTreeMap<String, String>,
    chats: BTreeMap<u32, Vec<Message>>,
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    serde_json::from_slice(&std::fs::read(fixtures().join("chat").join(name)).unwrap()).unwrap()
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_dir(fixtures().join("tokenizers").join("bpe")).unwrap()
}

#[derive(Deserialize)]
struct Datasets {
    texts: Vec<String>,
    completions: Vec<Completion>,
    settings: Vec<Setting>,
}

#[derive(Deserialize)]
struct Completion {
    prompt: String,
    completion: String,
}

#[derive(Deserialize)]
struct Setting {
    rows: String,
    args: Arguments,
    output: Vec<Row>,
}

#[derive(Deserialize)]
struct Arguments {
    max_length: usize,
    assistant_only_loss: Option<bool>,
    completion_only_loss: Option<bool>,
    truncation_mode: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    input_ids: Vec<u32>,
    labels: Vec<i64>,
}

/// The labels with -100 where nothing is learned.
fn as_in_files(labels: &[u32]) -> Vec<i64> {
    labels.iter().map(|&label| if label == IGNORE { -100 } else { i64::from(label) }).collect()
}

/// Compares the rows of a setting; one that TRL drops because nothing of it is left has to be refused.
fn compare(setting: &Setting, rows: &[Input<'_>], tokenizer: &Tokenizer, learned: Learned) {
    let mut expected = setting.output.iter();
    for (position, row) in rows.iter().enumerate() {
        let place = format!("{} {:?} row {position}", setting.rows, setting.args.truncation_mode);
        match tokenizer.encode_conversation(row, Some(setting.args.max_length), learned) {
            Ok(found) => {
                let expected = expected.next().unwrap();
                assert_eq!(found.encoding.input_ids, expected.input_ids, "{place}");
                assert_eq!(as_in_files(&found.labels), expected.labels, "{place}");
            }
            Err(error) => {
                assert!(rows.len() > setting.output.len(), "{place}: {error}");
                assert!(error.message().contains("is to be learned"), "{place}: {error}");
            }
        }
    }
    assert!(expected.next().is_none());
}

#[test]
fn rows_of_fine_tuning_have_the_tokens_and_labels_of_trl() {
    let golden: Datasets = read("datasets.json");
    let chats: Templates = read("templates.json");
    // The last of them are conversations that templates refuse.
    let messages: Vec<Input<'_>> =
        chats.chats.iter().filter(|(id, _)| **id < 100).map(|(_, turns)| Input::Messages(turns)).collect();
    let texts: Vec<Input<'_>> = golden.texts.iter().map(|text| Input::Text { text, pair: None }).collect();
    let completions: Vec<Input<'_>> = golden
        .completions
        .iter()
        .map(|row| Input::Completion { prompt: &row.prompt, completion: &row.completion })
        .collect();
    let mut compared = Vec::new();
    for setting in &golden.settings {
        let mut tokenizer = tokenizer();
        if setting.args.truncation_mode.as_deref() == Some("keep_end") {
            tokenizer.set_truncation_side(Side::Left);
        }
        let learned = match (setting.args.assistant_only_loss, setting.args.completion_only_loss) {
            (Some(true), _) => Learned::Answers,
            (_, Some(false)) => Learned::Everything,
            _ if setting.rows == "messages" => Learned::Everything,
            _ => Learned::Answers,
        };
        let rows = match setting.rows.as_str() {
            "messages" => &messages,
            "text" => &texts,
            "prompt+completion" => &completions,
            // Turns as prompt and turns as completion: see the next test.
            _ => continue,
        };
        compare(setting, rows, &tokenizer, learned);
        compared.push(setting.rows.as_str());
    }
    assert_eq!(compared.len(), 7, "{compared:?}");
}

#[test]
fn a_template_without_blocks_is_told_by_what_each_turn_adds() {
    let golden: Datasets = read("datasets.json");
    let chats: Templates = read("templates.json");
    let template = &chats.templates["inst"];
    let mut tokenizer = tokenizer();
    let without_blocks = template.replace("{%- generation %}", "").replace("{%- endgeneration %}", "");
    tokenizer.set_chat_template(without_blocks).unwrap();
    let is_last = |setting: &&Setting| {
        let args = &setting.args;
        setting.rows == "chat prompt+completion" && args.assistant_only_loss.or(args.completion_only_loss).is_none()
    };
    let setting = golden.settings.iter().find(is_last).unwrap();
    let mut compared = 0;
    for ((id, turns), expected) in chats.chats.iter().zip(&setting.output) {
        // The setting learns the last turn alone.
        if turns.iter().filter(|turn| turn.role == "assistant").count() != 1 {
            continue;
        }
        let found = tokenizer.encode_conversation(&Input::Messages(turns), Some(64), Learned::Answers).unwrap();
        assert_eq!(found.encoding.input_ids, expected.input_ids, "{id}");
        assert_eq!(as_in_files(&found.labels), expected.labels, "{id}");
        compared += 1;
    }
    assert!(compared >= 5, "{compared}");
}
