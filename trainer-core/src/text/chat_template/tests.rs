//! Chat templates as their users meet them: missing, broken, refusing, saved.

use super::*;
use crate::text::ByteLevelBpeSettings;

fn tokenizer() -> Tokenizer {
    let texts = ["user says hello", "assistant says hello back"];
    let settings = ByteLevelBpeSettings { vocab_size: 290, ..ByteLevelBpeSettings::default() };
    Tokenizer::train_byte_level_bpe(&texts, &settings).unwrap()
}

fn with_template(template: &str) -> Tokenizer {
    let mut tokenizer = tokenizer();
    tokenizer.set_chat_template(template).unwrap();
    tokenizer
}

fn chat() -> Vec<Message> {
    vec![Message::new("user", "hello"), Message::new("assistant", "hello back")]
}

#[test]
fn a_tokenizer_without_template_says_what_to_write() {
    let error = tokenizer().apply_chat_template(&chat(), true).unwrap_err();
    assert_eq!(error.message(), "this tokenizer has no chat template, and the data are conversations");
    assert!(error.to_string().contains("tokenizer.set_chat_template("), "{error}");
}

#[test]
fn a_template_that_is_no_jinja_is_refused_at_its_line() {
    let mut tokenizer = tokenizer();
    let error =
        tokenizer.set_chat_template("{{ bos_token }}\n{% for m in messages %}\n{{ m.role }\n{% endfor %}").unwrap_err();
    assert!(error.message().starts_with("the chat template, line 3: "), "{error}");
    let error = tokenizer.set_chat_template("a\n{% generation %}\nb").unwrap_err();
    assert!(error.message().starts_with("the chat template, line 3: "), "{error}");
    assert!(!error.to_string().contains("call"), "{error}");
    assert_eq!(tokenizer.chat_template(), None);
}

#[test]
fn a_conversation_that_the_template_refuses_is_refused_in_its_words() {
    let tokenizer = with_template(
        "{% if messages[0].role != 'system' %}{{ raise_exception('Begin with the system!') }}{% endif %}",
    );
    let error = tokenizer.apply_chat_template(&chat(), false).unwrap_err();
    assert_eq!(error.message(), "the chat template refuses the conversation: Begin with the system!");
    assert_eq!(error.kind(), ErrorKind::Data);
}

#[test]
fn what_goes_wrong_while_writing_is_told_with_its_line() {
    let tokenizer = with_template("{{ bos_token }}\n{{ missing.field }}");
    let error = tokenizer.apply_chat_template(&chat(), false).unwrap_err();
    assert!(error.message().starts_with("the chat template, line 2: "), "{error}");
}

#[test]
fn no_turn_at_all_is_refused() {
    let error = with_template("x").apply_chat_template(&[], false).unwrap_err();
    assert_eq!(error.message(), "the conversation has no turn");
}

#[test]
fn a_block_whose_text_is_changed_afterwards_is_refused() {
    let template =
        "{% set said %}{% generation %} {{ messages[1].content }} {% endgeneration %}{% endset %}{{ said | trim }}";
    let tokenizer = with_template(template);
    assert_eq!(tokenizer.apply_chat_template(&chat(), false).unwrap(), "hello back");
    let error = tokenizer.encode_chat(&chat(), false).unwrap_err();
    assert!(error.message().contains("changes what a `{% generation %}` block wrote"), "{error}");
    // Kept in a variable as it is, its place is known: transformers loses it there.
    let kept = template.replace(" | trim", "");
    let chat = with_template(&kept).encode_chat(&chat(), false).unwrap();
    assert_eq!(chat.assistant_mask, Some(vec![1; chat.encoding.len()]));
}

#[test]
fn the_time_is_that_of_the_clock() {
    let year = with_template("{{ strftime_now('%Y-%m-%d') }}").apply_chat_template(&chat(), false).unwrap();
    assert_eq!(year.len(), 10);
    assert!(year.starts_with("20") && year.chars().filter(|character| *character == '-').count() == 2, "{year}");
    let error = with_template("{{ strftime_now('%Q') }}").apply_chat_template(&chat(), false).unwrap_err();
    assert!(error.message().contains("does not know the format"), "{error}");
}

#[test]
fn a_template_is_saved_in_its_own_file_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
    let mut tokenizer = with_template(template);
    tokenizer.save(folder.path()).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("chat_template.jinja")).unwrap(), template);
    let loaded = Tokenizer::from_dir(folder.path()).unwrap();
    let text = loaded.apply_chat_template(&chat(), false).unwrap();
    assert_eq!(text, "user: hello\nassistant: hello back\n");
    // A clone that takes another template leaves the first one alone.
    let mut other = loaded.clone();
    other.set_chat_template("other").unwrap();
    assert_eq!(other.apply_chat_template(&chat(), false).unwrap(), "other");
    assert_eq!(loaded.apply_chat_template(&chat(), false).unwrap(), text);
    tokenizer.set_chat_template("again").unwrap();
    tokenizer.save(folder.path()).unwrap();
    assert_eq!(Tokenizer::from_dir(folder.path()).unwrap().chat_template(), Some("again"));
}

#[test]
fn a_template_in_the_configuration_moves_to_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    tokenizer().save(folder.path()).unwrap();
    let config = folder.path().join("tokenizer_config.json");
    std::fs::write(&config, "{\"chat_template\": \"{{ messages[0].content }}\", \"eos_token\": \"</s>\"}").unwrap();
    let loaded = Tokenizer::from_dir(folder.path()).unwrap();
    assert_eq!(loaded.apply_chat_template(&chat(), false).unwrap(), "hello");
    loaded.save(folder.path()).unwrap();
    assert!(!std::fs::read_to_string(&config).unwrap().contains("chat_template"));
    let again = Tokenizer::from_dir(folder.path()).unwrap();
    assert_eq!(again.chat_template(), Some("{{ messages[0].content }}"));
}
