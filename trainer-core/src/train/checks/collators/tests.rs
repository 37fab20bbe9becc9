use super::*;
use crate::data::{Field, LabelSet};

const fn schema(kind: TaskKind, fields: &'static [Field]) -> Schema {
    Schema { name: "Row", kind, labels: None, outputs: 0, fields }
}

const fn field(role: Role) -> Field {
    Field { name: "", column: "", role }
}

const RATING: LabelSet = LabelSet { type_name: "Rating", names: &["good", "bad"] };
const CLASSIFIED: Schema = Schema {
    labels: Some(RATING),
    ..schema(TaskKind::SequenceClassification, &[field(Role::Text), field(Role::Label)])
};
const TAGGED: Schema = schema(TaskKind::TokenClassification, &[field(Role::Tokens), field(Role::Tags)]);
const TEXTS: Schema = schema(TaskKind::LanguageModeling, &[field(Role::Text)]);
const IDS: Schema = schema(TaskKind::LanguageModeling, &[field(Role::InputIds)]);
const ANSWERED: Schema = schema(TaskKind::Conversation, &[field(Role::Prompt), field(Role::Completion)]);
const CHATS: Schema = schema(TaskKind::Conversation, &[field(Role::Messages)]);
const TRANSLATED: Schema = schema(TaskKind::Seq2Seq, &[field(Role::Source), field(Role::Target)]);
const MEASURED: Schema = schema(TaskKind::Regression, &[field(Role::Features), field(Role::Label)]);

const ALL: [&str; 9] = [
    "Default",
    "Padding",
    "TokenClassification",
    "Seq2Seq",
    "MaskedLm",
    "CausalLm",
    "CompletionOnly",
    "Flattening",
    "Packing",
];

fn answer(verdict: &Verdict) -> Option<(String, String)> {
    match verdict {
        Verdict::Accepted => None,
        Verdict::Refused { message, help } => Some((message.as_str().to_owned(), help.as_str().to_owned())),
    }
}

fn fitting(schema: &Schema) -> Vec<&'static str> {
    ALL.into_iter().filter(|collator| collator_fits_the_task(schema, collator, false).is_accepted()).collect()
}

#[test]
fn each_task_has_its_collators() {
    assert_eq!(fitting(&CLASSIFIED), ["Default", "Padding"]);
    assert_eq!(fitting(&TAGGED), ["Default", "TokenClassification"]);
    assert_eq!(fitting(&TEXTS), ["MaskedLm", "CausalLm", "Flattening", "Packing"]);
    assert_eq!(fitting(&ANSWERED), ["CausalLm", "CompletionOnly", "Flattening", "Packing"]);
    assert_eq!(fitting(&CHATS), fitting(&ANSWERED));
    assert_eq!(fitting(&TRANSLATED), ["Seq2Seq"]);
    assert_eq!(fitting(&MEASURED), ["Default"]);
    assert!(collator_fits_the_task(&TEXTS, "CompletionOnly", true).is_accepted(), "a template says what an answer is");
    let unclear = Schema { name: "", ..TEXTS };
    assert_eq!(fitting(&unclear).len(), ALL.len(), "a struct with mistakes of its own is reported there");
}

#[test]
fn what_does_not_fit_names_the_missing_field_and_what_fits() {
    for (schema, collator, message, help) in [
        (
            &CLASSIFIED,
            "Seq2Seq",
            "`Seq2Seq` lays out a source and what is written for it, but `Row` has no `source`",
            "these fit: `Padding`, `Default`, or your own `Collator`; one text for another is `source: String` and `target: String`",
        ),
        (
            &CLASSIFIED,
            "TokenClassification",
            "`TokenClassification` lays out a class for each word, but `Row` has no `tags`",
            "these fit: `Padding`, `Default`, or your own `Collator`; a class for each word is `tokens: Vec<String>` and `tags: Vec<T>`",
        ),
        (
            &TAGGED,
            "Padding",
            "`Padding` lays out one label for each example, but `Row` has one class for each word",
            "these fit: `TokenClassification`, or your own `Collator`",
        ),
        (
            &TEXTS,
            "CompletionOnly",
            "`CompletionOnly` learns answers alone, but `Row` has no `completion`",
            "give it `prompt` and `completion`, or `messages`; or say what stands before an answer: `CompletionOnly(response_template = \"### Response:\\n\")`",
        ),
        (
            &MEASURED,
            "Padding",
            "`Padding` lays out tokens, but `Row` has `features`",
            "`collator = Default`, which stacks numbers as they are",
        ),
        (
            &TRANSLATED,
            "CausalLm",
            "`CausalLm` learns what comes next in a text, but `Row` has a text to write for another",
            "these fit: `Seq2Seq`, or your own `Collator`",
        ),
        (
            &CHATS,
            "MaskedLm",
            "`MaskedLm` hides tokens of a text to learn its words, but `Row` has answers to learn",
            "these fit: `CompletionOnly`, `CausalLm`, `Flattening`, `Packing`",
        ),
    ] {
        let refused = answer(&collator_fits_the_task(schema, collator, false));
        assert_eq!(refused, Some((message.to_owned(), help.to_owned())));
    }
}

#[test]
fn a_model_finds_what_it_has_not_seen() {
    let fits = |schema: &Schema, collator: &str, reads| {
        collator_fits_the_model(schema, collator, false, Head::Vocabulary(reads)).is_accepted()
    };
    for collator in ["CausalLm", "Flattening", "Packing"] {
        assert!(fits(&TEXTS, collator, Reads::Causal));
        assert!(!fits(&TEXTS, collator, Reads::Masked) && !fits(&TEXTS, collator, Reads::SourceAndTarget));
    }
    assert!(fits(&TEXTS, "MaskedLm", Reads::Masked) && !fits(&TEXTS, "MaskedLm", Reads::Causal));
    assert!(fits(&TRANSLATED, "Seq2Seq", Reads::SourceAndTarget) && !fits(&TRANSLATED, "Seq2Seq", Reads::Causal));
    assert!(collator_fits_the_model(&TEXTS, "MaskedLm", false, Head::Any).is_accepted());
    assert!(fits(&CHATS, "MaskedLm", Reads::Causal), "the task refuses it");
}

#[test]
fn what_pads_or_reads_texts_needs_a_tokenizer() {
    let message = |verdict: Verdict| answer(&verdict).map(|(message, _)| message).unwrap_or_default();
    for (schema, words) in [
        (&CLASSIFIED, "`Row` has a `text`, but `T` has no `tokenizer`"),
        (&TAGGED, "`Row` has `tokens`, which are words, but `T` has no `tokenizer`"),
        (&ANSWERED, "`Row` has a `prompt`, but `T` has no `tokenizer`"),
        (&CHATS, "`Row` has `messages`, but `T` has no `tokenizer`"),
        (&TRANSLATED, "`Row` has a `source`, but `T` has no `tokenizer`"),
        (&IDS, ""),
        (&MEASURED, ""),
    ] {
        assert_eq!(message(text_needs_a_tokenizer(schema, "T")), words);
    }
    assert_eq!(
        message(left_out_collator_can_pad(&IDS, "T")),
        "rows of `Row` are padded, but `T` has no `tokenizer` that says with what"
    );
    assert!(left_out_collator_can_pad(&TEXTS, "T").is_accepted(), "that there is a text is said already");
    assert!(left_out_collator_can_pad(&MEASURED, "T").is_accepted());
    assert!(answers_are_known(&CHATS, "Packing").is_accepted() && !answers_are_known(&TEXTS, "Packing").is_accepted());
}
