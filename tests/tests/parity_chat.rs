//! Conversations become the texts, tokens and masks of transformers' chat templates.

use std::collections::BTreeMap;

use serde::Deserialize;
use trainer_core::data::Message;
use trainer_core::text::Tokenizer;
use trainer_tests::fixtures;

#[derive(Deserialize)]
struct Golden {
    templates: BTreeMap<String, String>,
    chats: BTreeMap<u32, Vec<Message>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    template: String,
    id: u32,
    add_generation_prompt: bool,
    text: Option<String>,
    input_ids: Option<Vec<u32>>,
    assistant_mask: Option<Vec<u32>>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Expressions {
    messages: Vec<Message>,
    cases: Vec<Expression>,
}

#[derive(Deserialize)]
struct Expression {
    template: String,
    text: Option<String>,
    input_ids: Option<Vec<u32>>,
    assistant_mask: Option<Vec<u32>>,
    touched: Option<Vec<u32>>,
    error: Option<String>,
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    serde_json::from_slice(&std::fs::read(fixtures().join("chat").join(name)).unwrap()).unwrap()
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_dir(fixtures().join("tokenizers").join("bpe")).unwrap()
}

fn with_template(template: &str) -> Tokenizer {
    let mut tokenizer = tokenizer();
    tokenizer.set_chat_template(template).unwrap();
    tokenizer
}

#[test]
fn conversations_become_the_texts_tokens_and_masks_of_transformers() {
    let golden: Golden = read("templates.json");
    let tokenizers: BTreeMap<&String, Tokenizer> =
        golden.templates.iter().map(|(name, template)| (name, with_template(template))).collect();
    let mut refused = 0;
    for case in &golden.cases {
        let tokenizer = &tokenizers[&case.template];
        let messages = &golden.chats[&case.id];
        let place = format!("{} on {}, prompt {}", case.template, case.id, case.add_generation_prompt);
        let text = tokenizer.apply_chat_template(messages, case.add_generation_prompt);
        if let Some(error) = &case.error {
            let raised = error.strip_prefix("TemplateError: ").unwrap();
            let refusal = text.unwrap_err();
            assert_eq!(refusal.message(), format!("the chat template refuses the conversation: {raised}"), "{place}");
            refused += 1;
            continue;
        }
        assert_eq!(text.unwrap(), case.text.clone().unwrap(), "{place}");
        let chat = tokenizer.encode_chat(messages, case.add_generation_prompt).unwrap();
        assert_eq!(Some(&chat.encoding.input_ids), case.input_ids.as_ref(), "{place}");
        if case.template == "space_inside_generation" {
            // transformers gives zeros, because no token starts at the space by its offsets: see the test below.
            assert!(chat.assistant_mask.unwrap().contains(&1), "{place}");
            continue;
        }
        assert_eq!(chat.assistant_mask, case.assistant_mask, "{place}");
    }
    assert_eq!(refused, golden.cases.iter().filter(|case| case.error.is_some()).count());
}

#[test]
fn what_templates_are_made_of_is_written_as_python_writes_it() {
    let golden: Expressions = read("expressions.json");
    let mut wrong = Vec::new();
    let mut otherwise = 0;
    for case in &golden.cases {
        let mut tokenizer = tokenizer();
        let read = tokenizer.set_chat_template(case.template.as_str());
        let chat = read.and_then(|()| tokenizer.encode_chat(&golden.messages, false));
        match (chat, &case.text) {
            (Ok(chat), Some(text)) => {
                let same_ids = case.input_ids.as_ref().is_none_or(|ids| *ids == chat.encoding.input_ids);
                if chat.text != *text || !same_ids || chat.assistant_mask != case.touched {
                    wrong.push(format!("{}\n  ours   {:?}\n  python {text:?}", case.template, chat.text));
                }
                otherwise += usize::from(case.assistant_mask != case.touched);
            }
            (Ok(chat), None) => {
                wrong.push(format!("{}\n  ours   {:?}\n  python refuses: {:?}", case.template, chat.text, case.error));
            }
            (Err(error), Some(text)) => wrong.push(format!("{}\n  ours   {error}\n  python {text:?}", case.template)),
            (Err(_), None) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), golden.cases.len(), wrong.join("\n"));
    assert_eq!(
        otherwise, 3,
        "transformers' mask leaves tokens out where a block starts with a space or ends with an emoji"
    );
}

#[derive(Deserialize)]
struct Real {
    messages: Vec<Message>,
    add_generation_prompt: bool,
    input_ids: Vec<u32>,
}

/// Of a real model: SmolLM2-135M-Instruct, whose tokenizer is in the folder that `TRAINER_SMOLLM2` names.
#[test]
#[ignore = "needs the tokenizer of a real model"]
fn a_real_model_reads_conversations_as_in_transformers() {
    let Some(folder) = std::env::var_os("TRAINER_SMOLLM2") else {
        println!("skipped: set TRAINER_SMOLLM2 to a folder with the tokenizer of SmolLM2-135M-Instruct");
        return;
    };
    let tokenizer = Tokenizer::from_dir(std::path::Path::new(&folder)).unwrap();
    for case in read::<Vec<Real>>("smollm2.json") {
        let chat = tokenizer.encode_chat(&case.messages, case.add_generation_prompt).unwrap();
        assert_eq!(chat.encoding.input_ids, case.input_ids, "{}", chat.text);
        assert_eq!(chat.assistant_mask, None);
    }
}
