//! Rows of fine-tuning as their users meet them: begun and ended once, told apart, refused.

use super::*;
use crate::text::ByteLevelBpeSettings;

const INST: &str = "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]\
                    {% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}";

fn tokenizer() -> Tokenizer {
    let texts = ["Question: two plus two Answer: four", "Answer: foo bar baz hello back"];
    let settings = ByteLevelBpeSettings { vocab_size: 320, ..ByteLevelBpeSettings::default() };
    Tokenizer::train_byte_level_bpe(&texts, &settings).unwrap()
}

/// As [`tokenizer`], which puts its own tokens around texts.
fn with_processor(before: &[&str], after: &[&str]) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    tokenizer().save(folder.path()).unwrap();
    let path = folder.path().join("tokenizer.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let id = |token: &&str| tokenizer().token_to_id(token).unwrap();
    let special = |token: &&str| serde_json::json!({ "SpecialToken": { "id": token, "type_id": 0 } });
    let mut single: Vec<serde_json::Value> = before.iter().map(special).collect();
    single.push(serde_json::json!({ "Sequence": { "id": "A", "type_id": 0 } }));
    single.extend(after.iter().map(special));
    let known = before.iter().chain(after);
    let tokens: serde_json::Map<String, serde_json::Value> = known
        .map(|token| ((*token).to_owned(), serde_json::json!({ "id": token, "ids": [id(token)], "tokens": [token] })))
        .collect();
    json["post_processor"] = serde_json::json!({ "type": "TemplateProcessing", "single": single, "pair": single.clone(),
        "special_tokens": tokens });
    std::fs::write(&path, json.to_string()).unwrap();
    Tokenizer::from_dir(folder.path()).unwrap()
}

fn completion<'a>(prompt: &'a str, completion: &'a str) -> Input<'a> {
    Input::Completion { prompt, completion }
}

fn encode(tokenizer: &Tokenizer, input: &Input<'_>) -> EncodedConversation {
    tokenizer.encode_conversation(input, None, Learned::Answers).unwrap()
}

/// The tokens, and what of them is learned.
fn texts(tokenizer: &Tokenizer, found: &EncodedConversation) -> (String, String) {
    let learned: Vec<u32> = found.labels.iter().copied().filter(|&label| label != IGNORE).collect();
    (tokenizer.decode(&found.encoding.input_ids).unwrap(), tokenizer.decode(&learned).unwrap())
}

#[test]
fn a_completion_ends_once_and_begins_once() {
    for (tokenizer, whole) in [
        (tokenizer(), "Question: two Answer: four</s>"),
        (with_processor(&["<s>"], &[]), "<s>Question: two Answer: four</s>"),
        (with_processor(&["<s>"], &["</s>"]), "<s>Question: two Answer: four</s>"),
    ] {
        for (prompt, answer) in [("Question: two Answer:", " four"), ("Question: two Answer:", " four</s>")] {
            let found = encode(&tokenizer, &completion(prompt, answer));
            assert_eq!(texts(&tokenizer, &found), (whole.to_owned(), " four</s>".to_owned()), "{prompt}{answer}");
        }
    }
    let tokenizer = with_processor(&["<s>"], &[]);
    let found = encode(&tokenizer, &completion("<s>Question: two Answer:", " four"));
    assert_eq!(texts(&tokenizer, &found).0, "<s>Question: two Answer: four</s>");
}

#[test]
fn a_word_that_prompt_and_completion_share_is_learned() {
    let tokenizer = tokenizer();
    // `Ġbar` is one token of the whole, though the prompt alone ends with a token of its space.
    let found = encode(&tokenizer, &completion("foo ", "bar"));
    assert_eq!(texts(&tokenizer, &found), ("foo bar</s>".to_owned(), " bar</s>".to_owned()));
}

#[test]
fn a_prompt_of_nothing_is_no_reason_to_lose_the_completion() {
    let tokenizer = with_processor(&["<s>"], &["</s>"]);
    let found = encode(&tokenizer, &completion("", "four"));
    assert_eq!(texts(&tokenizer, &found), ("<s>four</s>".to_owned(), "four</s>".to_owned()));
}

#[test]
fn every_token_of_a_row_can_be_learned() {
    let mut tokenizer = tokenizer();
    let row = completion("Question: two Answer:", " four");
    let found = tokenizer.encode_conversation(&row, None, Learned::Everything).unwrap();
    assert_eq!(found.labels, found.encoding.input_ids);
    tokenizer.set_chat_template(INST).unwrap();
    let turns = [Message::new("user", "two"), Message::new("assistant", "four")];
    let found = tokenizer.encode_conversation(&Input::Messages(&turns), None, Learned::Everything).unwrap();
    assert_eq!(texts(&tokenizer, &found).1, "<s>[INST] two [/INST] four</s>");
}

#[test]
fn turns_of_the_assistant_are_what_they_add() {
    let mut tokenizer = tokenizer();
    tokenizer.set_chat_template(INST).unwrap();
    let turns = [
        Message::new("user", "two"),
        Message::new("assistant", "four"),
        Message::new("user", "hello"),
        Message::new("assistant", "hello back"),
    ];
    let found = encode(&tokenizer, &Input::Messages(&turns));
    let whole = "<s>[INST] two [/INST] four</s>[INST] hello [/INST] hello back</s>";
    assert_eq!(texts(&tokenizer, &found), (whole.to_owned(), " four</s> hello back</s>".to_owned()));
}

#[test]
fn a_template_that_does_not_tell_says_what_to_write() {
    let mut tokenizer = tokenizer();
    let turns = [Message::new("user", "two"), Message::new("assistant", "four"), Message::new("user", "thanks")];
    for (template, why) in [
        // The beginning that it announces is not the one that it writes.
        (
            "{% for m in messages %}{{ m.content }};{% endfor %}{% if add_generation_prompt %}A:{% endif %}",
            "does not go on from",
        ),
        // Earlier answers are left out once there are more turns.
        (
            "{% for m in messages %}{% if m.role == 'user' or loop.last %}{{ m.content }};{% endif %}{% endfor %}",
            "once more turns follow",
        ),
    ] {
        tokenizer.set_chat_template(template).unwrap();
        let error = tokenizer.encode_conversation(&Input::Messages(&turns), None, Learned::Answers).unwrap_err();
        assert!(
            error.message().starts_with("the chat template does not tell what the assistant says in turn 2"),
            "{error}"
        );
        assert!(error.message().contains(why), "{error}");
        assert!(error.to_string().contains("{% generation %}"), "{error}");
        tokenizer.encode_conversation(&Input::Messages(&turns), None, Learned::Everything).unwrap();
    }
    tokenizer.set_chat_template(INST).unwrap();
    let error = tokenizer.encode_conversation(&Input::Messages(&turns[1..]), None, Learned::Answers).unwrap_err();
    assert!(error.message().contains("in turn 1: it is the first"), "{error}");
}

#[test]
fn a_row_without_answer_or_that_loses_it_is_refused() {
    let mut tokenizer = tokenizer();
    tokenizer.set_chat_template(INST).unwrap();
    let turns = [Message::new("user", "two plus two"), Message::new("assistant", "four")];
    let error = tokenizer.encode_conversation(&Input::Messages(&turns[..1]), None, Learned::Answers).unwrap_err();
    assert_eq!(error.message(), "nothing in this row is to be learned");
    let whole = encode(&tokenizer, &Input::Messages(&turns));
    let error = tokenizer.encode_conversation(&Input::Messages(&turns), Some(4), Learned::Answers).unwrap_err();
    let message = format!("the row has {} tokens, and nothing of its first 4 is to be learned", whole.encoding.len());
    assert_eq!(error.message(), message);
    tokenizer.set_truncation_side(Side::Left);
    let end = tokenizer.encode_conversation(&Input::Messages(&turns), Some(4), Learned::Answers).unwrap();
    assert!(end.is_cut);
    assert_eq!(end.encoding.input_ids, whole.encoding.input_ids[whole.encoding.len() - 4..]);
    assert_eq!((end.labels.len(), end.encoding.offsets.len()), (4, 4));
}

#[test]
fn a_completion_needs_an_end_token() {
    let settings = crate::text::WordPieceSettings::default();
    let tokenizer = Tokenizer::train_wordpiece(&["two plus two"], &settings).unwrap();
    let error = tokenizer.encode_conversation(&completion("two", "plus"), None, Learned::Answers).unwrap_err();
    assert!(error.message().starts_with("this tokenizer has no `eos_token`"), "{error}");
}

#[test]
fn what_is_no_conversation_is_refused() {
    let error = tokenizer().encode_conversation(&Input::Features(&[1.0]), None, Learned::Answers).unwrap_err();
    assert_eq!(error.message(), "the example is no conversation");
}
