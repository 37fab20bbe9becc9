//! Structs of every task: which task the roles amount to, and what is read from files.

use std::fs;

use trainer_core::data::{Dataset, IGNORE, Input, Target, Task, TaskKind};
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Entity {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-PER")]
    Person,
    #[label(name = "I-PER")]
    InPerson,
    #[label(name = "B-LOC")]
    Place,
}

#[derive(Example, Debug)]
struct Sentence {
    tokens: Vec<String>,
    #[example(column = "ner_tags")]
    tags: Vec<Entity>,
}

#[derive(Example)]
struct Partly {
    tokens: Vec<String>,
    tags: Vec<Option<Entity>>,
}

#[derive(Example)]
struct TaggedTokens {
    input_ids: Vec<u32>,
    attention_mask: Option<Vec<u32>>,
    #[example(tags, column = "labels")]
    entities: Vec<Option<Entity>>,
}

#[derive(Example)]
struct Text {
    text: String,
}

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
}

#[derive(Example)]
struct TokensWithLabels {
    input_ids: Vec<u32>,
    attention_mask: Vec<u32>,
    labels: Vec<i64>,
}

#[derive(Example)]
struct TokensOfSeveralClasses {
    input_ids: Vec<u32>,
    labels: Vec<Entity>,
}

#[derive(Example)]
struct TokensOfOneClass {
    input_ids: Vec<u32>,
    labels: Entity,
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

#[derive(Example)]
struct Translation {
    #[example(source, column = "de")]
    german: String,
    #[example(target, column = "en")]
    english: String,
}

#[derive(Example)]
struct TranslationOfTokens {
    input_ids: Vec<u32>,
    #[example(target_ids, column = "labels")]
    written: Vec<i64>,
}

fn read<E: Example>(name: &str, rows: &str) -> trainer_core::Result<Dataset<E>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, rows).unwrap();
    Dataset::from_file(&path)
}

/// What is read of one row, as a data set.
fn one<E: Example>(row: &str) -> Dataset<E> {
    let rows = read("a.jsonl", row).unwrap();
    assert_eq!(rows.len(), 1);
    rows
}

/// The refusal of `rows`, without the folder.
fn refusal<E: Example>(name: &str, rows: &str) -> String {
    let message = read::<E>(name, rows).map(|_| ()).unwrap_err().to_string();
    message.find(name).map_or(message.clone(), |at| message[at..].to_owned())
}

fn kind<E: Example>() -> TaskKind {
    E::Task::KIND
}

#[test]
fn the_roles_decide_the_task() {
    assert_eq!(kind::<Sentence>(), TaskKind::TokenClassification);
    assert_eq!(kind::<Partly>(), TaskKind::TokenClassification);
    assert_eq!(kind::<TaggedTokens>(), TaskKind::TokenClassification);
    assert_eq!(kind::<Text>(), TaskKind::LanguageModeling);
    assert_eq!(kind::<Tokens>(), TaskKind::LanguageModeling);
    assert_eq!(kind::<TokensWithLabels>(), TaskKind::LanguageModeling);
    assert_eq!(kind::<TokensOfSeveralClasses>(), TaskKind::MultiLabelClassification);
    assert_eq!(kind::<TokensOfOneClass>(), TaskKind::SequenceClassification);
    assert_eq!(kind::<Answer>(), TaskKind::Conversation);
    assert_eq!(kind::<Chat>(), TaskKind::Conversation);
    assert_eq!(kind::<Translation>(), TaskKind::Seq2Seq);
    assert_eq!(kind::<TranslationOfTokens>(), TaskKind::Seq2Seq);
    let names = <<Sentence as Example>::Task as Task>::LABELS.map(|labels| labels.names);
    assert_eq!(names, Some(&["O", "B-PER", "I-PER", "B-LOC"][..]));
}

#[test]
fn tags_are_read_by_name_and_by_index_as_often_as_they_are_there() {
    for tags in [r#"["B-PER", "O", "O", "B-LOC"]"#, "[1, 0, 0, 3]"] {
        let row = format!(r#"{{"tokens": ["Anna", "lives", "in", "Oslo"], "ner_tags": {tags}}}"#);
        let sentence = &one::<Sentence>(&row)[0];
        assert_eq!(sentence.tags, [Entity::Person, Entity::Outside, Entity::Outside, Entity::Place]);
        assert_eq!(sentence.target(), Target::Tags(vec![1, 0, 0, 3]));
        let words = ["Anna", "lives", "in", "Oslo"].map(str::to_owned);
        assert_eq!(sentence.input(), Input::Words(&words));
    }
    // As many as there are classes, all 0 or 1: of one text it would be a vector, of words it is a class for each.
    let row = r#"{"tokens": ["a", "b", "c", "d"], "ner_tags": [0, 1, 1, 0]}"#;
    assert_eq!(one::<Sentence>(row)[0].target(), Target::Tags(vec![0, 1, 1, 0]));
}

#[test]
fn words_without_a_class_are_null_or_minus_100_where_the_type_allows() {
    let row = r#"{"tokens": ["a", "b", "c"], "tags": [null, "O", -100]}"#;
    assert_eq!(one::<Partly>(row)[0].target(), Target::Tags(vec![IGNORE, 0, IGNORE]));
    let row = r#"{"input_ids": [2, 7, 9, 3], "labels": [-100, 1, 2, -100]}"#;
    let tagged = &one::<TaggedTokens>(row)[0];
    assert_eq!(tagged.target(), Target::Tags(vec![IGNORE, 1, 2, IGNORE]));
    assert!(tagged.attention_mask.is_none());
    for nothing in ["null", "-100"] {
        let row = format!("{{\"tokens\": [\"a\"], \"ner_tags\": [{nothing}]}}");
        let message = refusal::<Sentence>("a.jsonl", &row);
        assert!(message.starts_with(&format!("a.jsonl:1: `ner_tags[0]` is {nothing}, ")), "{message}");
        assert!(message.contains("`Vec<Option<…>>` takes `null` and -100"), "{message}");
    }
}

#[test]
fn labels_of_tokens_are_ids_or_nothing() {
    let row = r#"{"input_ids": [2, 7, 9], "attention_mask": [1, 1, 1], "labels": [-100, 7, 9]}"#;
    let labelled = &one::<TokensWithLabels>(row)[0];
    assert_eq!(labelled.target(), Target::Tokens(vec![IGNORE, 7, 9]));
    let row = r#"{"input_ids": [2, 7], "attention_mask": [1, 1], "labels": [-5, 7]}"#;
    let message = refusal::<TokensWithLabels>("a.jsonl", row);
    assert_eq!(message, "a.jsonl:1: `labels[0]` is -5, expected a token id, or -100");
    let row = r#"{"input_ids": [2, 7], "attention_mask": [1, 1], "labels": [7]}"#;
    let message = refusal::<TokensWithLabels>("a.jsonl", row);
    assert!(message.starts_with("a.jsonl:1: `input_ids` has 2 tokens, but `labels` has 1\n"), "{message}");
    let row = r#"{"input_ids": [2, 7, 3], "labels": [9, 3]}"#;
    assert_eq!(one::<TranslationOfTokens>(row)[0].target(), Target::Tokens(vec![9, 3]));
    assert_eq!(one::<Tokens>(row)[0].target(), Target::None);
}

#[test]
fn texts_are_given_to_the_model_as_their_roles_say() {
    let answer = &one::<Answer>(r#"{"prompt": "2 + 2?", "completion": "4"}"#)[0];
    assert_eq!(answer.input(), Input::Completion { prompt: "2 + 2?", completion: "4" });
    let translation = &one::<Translation>(r#"{"de": "eins", "en": "one"}"#)[0];
    assert_eq!(translation.input(), Input::SourceTarget { source: "eins", target: "one" });
    let row = r#"{"messages": [{"role": "user", "content": "Hello"}, {"content": "Good day", "role": "assistant"}]}"#;
    let chat = &one::<Chat>(row)[0];
    let expected = [Message::new("user", "Hello"), Message::new("assistant", "Good day")];
    assert_eq!(chat.input(), Input::Messages(&expected));
    assert_eq!((chat.target(), answer.target(), translation.target()), (Target::None, Target::None, Target::None));
}

#[test]
fn what_is_wrong_in_a_row_is_said_with_its_line() {
    let words = |words: &str, tags: &str| {
        let first = r#"{"tokens": ["a"], "ner_tags": ["O"]}"#;
        refusal::<Sentence>("a.jsonl", &format!("{first}\n{{\"tokens\": {words}, \"ner_tags\": {tags}}}"))
    };
    let near = "a.jsonl:2: `ner_tags[1]` is \"B-PRE\", which is no class of `Entity`\nhelp: did you mean \"B-PER\"?";
    assert_eq!(words(r#"["a", "b"]"#, r#"["O", "B-PRE"]"#), near);
    let lengths = "a.jsonl:2: `tokens` has 2 words, but `ner_tags` has 1\nhelp: one tag for each word";
    assert_eq!(words(r#"["a", "b"]"#, r#"["O"]"#), lengths);
    assert!(words("[]", "[]").starts_with("a.jsonl:2: `tokens` is empty\n"));
    assert!(words(r#"["", " "]"#, "[0, 0]").starts_with("a.jsonl:2: `tokens` holds only white space\n"));
    assert_eq!(words(r#"["a", 5]"#, "[0, 0]"), "a.jsonl:2: `tokens[1]` is 5, expected a text");
    assert_eq!(words("\"a b\"", "[0, 0]"), "a.jsonl:2: `tokens` is \"a b\", expected a list");

    let empty = |row: &str| refusal::<Translation>("a.jsonl", row);
    assert!(empty(r#"{"de": "", "en": "one"}"#).starts_with("a.jsonl:1: `de` is empty\n"));
    assert!(empty(r#"{"de": "eins", "en": " "}"#).starts_with("a.jsonl:1: `en` holds only white space\n"));
    let prompt = refusal::<Answer>("a.jsonl", r#"{"prompt": "", "completion": "4"}"#);
    assert!(prompt.starts_with("a.jsonl:1: `prompt` is empty\n"), "{prompt}");
}

#[test]
fn a_message_has_a_role_and_a_content_and_nothing_else() {
    let said = |messages: &str| refusal::<Chat>("a.jsonl", &format!("\n{{\"messages\": {messages}}}"));
    let key = said(r#"[{"role": "user", "content": "a", "name": "Ann"}]"#);
    let expected = "a.jsonl:2: `messages[0]` has the key `name`, but a message has `role` and `content`\nhelp: leave the key out of the file";
    assert_eq!(key, expected);
    let share_gpt = said(r#"[{"from": "human", "value": "a"}]"#);
    assert!(share_gpt.ends_with("help: `role` says who speaks"), "{share_gpt}");
    let role = said(r#"[{"role": "user", "content": "a"}, {"role": "asistant", "content": "b"}]"#);
    let expected = "a.jsonl:2: `messages[1].role` is \"asistant\", which is no role of a conversation\nhelp: did you mean \"assistant\"?";
    assert_eq!(role, expected);
    assert!(said(r#"[{"role": "gpt", "content": "a"}]"#).ends_with("help: did you mean \"assistant\"?"));
    assert!(said(r#"[{"role": "pirate", "content": "a"}]"#).contains("help: roles are \"system\", \"developer\""));
    assert!(said(r#"[{"role": "user"}]"#).starts_with("a.jsonl:2: `messages[0]` has no `content`\n"));
    let number = said(r#"[{"role": "user", "content": 5}]"#);
    assert_eq!(number, "a.jsonl:2: `messages[0].content` is 5, expected a text");
    assert_eq!(said("[5]"), "a.jsonl:2: `messages[0]` is 5, expected a message with `role` and `content`");
    assert!(said("[]").starts_with("a.jsonl:2: `messages` is empty\n"));
    let made = Dataset::from_iter([Chat { messages: vec![Message::new("asistant", "a")] }]);
    let message = made.check().unwrap_err().to_string();
    assert!(message.starts_with("example 0: `messages[0].role` is \"asistant\""), "{message}");
}

#[test]
fn a_cell_of_csv_is_one_text_and_lists_are_jsonl() {
    let message = refusal::<Sentence>("a.csv", "tokens,ner_tags\nAnna lives,B-PER O\n");
    let expected = "a.csv:2: `tokens` is \"Anna lives\", expected a list, written as a JSON array such as `[\"a\", \"b\"]`\nhelp: a cell of CSV and TSV is one text; JSONL has lists";
    assert!(message.starts_with(expected), "{message}");
    let message = refusal::<Chat>("a.tsv", "messages\nHello\n");
    assert!(message.contains("such as `[{\"role\": \"user\", \"content\": \"…\"}]`"), "{message}");
    let arrays = "tokens,ner_tags\n\"[\"\"Anna\"\", \"\"lives\"\"]\",\"[\"\"B-PER\"\", 0]\"\n";
    let read: Dataset<Sentence> = read("a.csv", arrays).unwrap();
    assert_eq!(read[0].target(), Target::Tags(vec![1, 0]));
}
