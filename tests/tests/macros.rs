//! What the macros make of items that are right.

use trainer_core::data::{Input, Role, Row, Target, Task, TaskKind};
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    VeryBad,
    #[label(name = "so so")]
    Middling,
    Good,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
#[label(rename_all = "SCREAMING-KEBAB-CASE")]
enum Topic {
    WorldNews,
    Sports = 1,
}

#[test]
fn a_class_has_a_name_and_a_position() {
    assert_eq!(Rating::COUNT, 3);
    assert_eq!(Rating::NAMES, ["very_bad", "so so", "good"]);
    assert_eq!(Rating::Middling.index(), 1);
    assert_eq!(Rating::from_index(2), Some(Rating::Good));
    assert_eq!(Rating::from_index(3), None);
    assert_eq!(Rating::from_name("so so"), Some(Rating::Middling));
    assert_eq!(Topic::NAMES, ["WORLD-NEWS", "SPORTS"]);
}

#[test]
fn a_class_is_printed_and_parsed_by_its_name() {
    assert_eq!(format!("{:>8}|", Rating::Good), "    good|");
    assert_eq!("very_bad".parse::<Rating>().unwrap(), Rating::VeryBad);
    let error = "verybad".parse::<Rating>().unwrap_err();
    assert_eq!(error.to_string(), "\"verybad\" is no class of `Rating`\nhelp: did you mean \"very_bad\"?");
}

#[test]
fn a_class_is_written_as_its_name_and_read_from_name_or_number() {
    assert_eq!(serde_json::to_string(&Rating::Middling).unwrap(), "\"so so\"");
    assert_eq!(serde_json::from_str::<Rating>("\"good\"").unwrap(), Rating::Good);
    assert_eq!(serde_json::from_str::<Vec<Rating>>("[0, 2]").unwrap(), [Rating::VeryBad, Rating::Good]);
    let error = serde_json::from_str::<Rating>("3").unwrap_err();
    assert!(error.to_string().contains("classes are numbered from 0 to 2"), "{error}");
}

fn read<E: Example>(cells: &str) -> trainer_core::Result<E> {
    let cells = serde_json::from_str(cells).unwrap();
    E::from_row(&Row::new("rows.jsonl", 1, &cells))
}

#[derive(Example, Debug)]
#[example(train = "data/train.jsonl", eval = "data/eval.csv")]
struct Review {
    #[example(text, column = "body")]
    review: String,
    text_pair: Option<String>,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    votes: u32,
    #[example(skip)]
    seen: bool,
}

#[test]
fn an_example_reads_its_columns_and_keeps_their_roles() {
    let review: Review = read(r#"{"body": "fine", "rating": "good", "votes": 3}"#).unwrap();
    assert_eq!((review.votes, review.seen), (3, false));
    assert_eq!(review.input(), Input::Text { text: "fine", pair: None });
    assert_eq!(review.target(), Target::Class(2));
    let pair: Review = read(r#"{"body": "fine", "text_pair": "why", "rating": 0, "votes": 3}"#).unwrap();
    assert_eq!(pair.input(), Input::Text { text: "fine", pair: Some("why") });
    assert_eq!(Review::NAME, "Review");
    let roles: Vec<_> = Review::FIELDS.iter().map(|field| (field.name, field.column, field.role)).collect();
    let expected = [
        ("review", "body", Role::Text),
        ("text_pair", "text_pair", Role::TextPair),
        ("rating", "rating", Role::Label),
        ("votes", "votes", Role::Extra),
    ];
    assert_eq!(roles, expected);
    assert_eq!(Review::FILES.train, Some("data/train.jsonl"));
    assert_eq!(Review::FILES.eval, Some("data/eval.csv"));
    assert_eq!(Review::FILES.test, None);
    assert_eq!(Review::FILES.manifest_dir, env!("CARGO_MANIFEST_DIR"));
    assert_eq!(<Review as Example>::Task::KIND, TaskKind::SequenceClassification);
}

#[derive(Example)]
struct Encoded {
    input_ids: Vec<u32>,
    attention_mask: Vec<u32>,
    token_type_ids: Option<Vec<u32>>,
    labels: Vec<Topic>,
}

#[derive(Example)]
struct Measured {
    features: [f32; 3],
    label: f32,
}

#[test]
fn the_type_of_the_label_decides_the_task() {
    let encoded: Encoded = read(r#"{"input_ids": [7, 8], "attention_mask": [1, 0], "labels": ["SPORTS"]}"#).unwrap();
    let tokens = Input::Tokens { input_ids: &[7, 8], attention_mask: Some(&[1, 0]), token_type_ids: None };
    assert_eq!(encoded.input(), tokens);
    assert_eq!(encoded.target(), Target::MultiHot(vec![0.0, 1.0]));
    assert_eq!(<Encoded as Example>::Task::KIND, TaskKind::MultiLabelClassification);

    let measured: Measured = read(r#"{"features": [1, 2, 3], "label": 0.5}"#).unwrap();
    assert_eq!(measured.input(), Input::Features(&[1.0, 2.0, 3.0]));
    assert_eq!(measured.target(), Target::Values(vec![0.5]));
    assert_eq!(<Measured as Example>::Task::KIND, TaskKind::Regression);
    assert_eq!(<Measured as Example>::Task::OUTPUTS, 1);
}
