//! All keys of all attributes.

use crate::keys::Key;
use crate::trainer::collator_keys::COLLATORS;
use crate::trainer::keys::{LOSSES, OPTIMIZERS, Word};
use crate::trainer::metric_keys::METRICS;
use crate::trainer::peft_keys::ADAPTERS;
use crate::training_args::arguments::training_args;
use crate::{class_label, example, loss, metric, trainer, training_args};

/// One attribute at one place.
pub(super) struct Attribute {
    /// The struct of `trainer_core::keys`.
    pub(super) name: &'static str,
    /// How the attribute is written, and where.
    pub(super) written: &'static str,
    pub(super) keys: Vec<Key>,
}

pub(super) fn attributes() -> Vec<Attribute> {
    let of = |name, written, keys: &[Key]| Attribute { name, written, keys: keys.to_vec() };
    vec![
        of("trainer", "`#[trainer(…)]`", trainer::keys::KEYS),
        of("metric", "`#[metric(…)]`", metric::keys::KEYS),
        of("loss", "`#[loss(…)]`", loss::keys::KEYS),
        of("example", "`#[example(…)]` on the struct", example::keys::STRUCT),
        of("example_field", "`#[example(…)]` on a field", example::keys::FIELD),
        of("label", "`#[label(…)]` on the enum", class_label::keys::ENUM),
        of("label_variant", "`#[label(…)]` on a variant", class_label::keys::VARIANT),
        of("arg", "`#[arg(…)]` on a field", training_args::keys::ARG),
        of("training_args", "`#[training_args(…)]` on the struct", &training_args()),
    ]
}

/// The names that keys of `#[trainer(…)]` take: the key, the module of `trainer_core::keys`, and the names.
pub(super) const WORDS: &[(&str, &str, &[Word])] = &[
    ("collator", "collators", COLLATORS),
    ("loss", "losses", LOSSES),
    ("metrics", "metrics", METRICS),
    ("optimizer", "optimizers", OPTIMIZERS),
    ("peft", "adapters", ADAPTERS),
];

/// What holds without the key, as prose: a value is code.
pub(super) fn left_out(key: &Key) -> String {
    match key.default {
        prose if key.takes.is_empty() || prose.contains([' ', '`']) || prose == "none" => prose.to_owned(),
        value => format!("`{value}`"),
    }
}

/// What the key takes, with its range; empty if it stands alone.
pub(super) fn takes(key: &Key) -> String {
    match (key.takes, key.range) {
        (takes, "") => takes.to_owned(),
        // `a whole number of at least 1` says it all.
        (takes, range) if range.starts_with(takes) => range.to_owned(),
        (takes, range) => format!("{takes}: {range}"),
    }
}

fn all_keys() -> impl Iterator<Item = Key> {
    let words = WORDS.iter().flat_map(|(_, _, words)| words.iter()).flat_map(Word::known);
    attributes().into_iter().flat_map(|attribute| attribute.keys).chain(words)
}

#[test]
fn every_key_says_what_it_is_for() {
    for key in all_keys() {
        let name = key.name;
        assert!(key.about.ends_with('.') || key.about.ends_with("type decides the task."), "`{name}` says no sentence");
        assert!(!key.default.is_empty(), "`{name}` does not say what holds without it");
        assert!(!key.takes.is_empty() || key.example == name, "`{name}` does not say what it takes");
        assert!(key.example.contains(name), "the example of `{name}` is `{}`", key.example);
        for text in [key.about, key.takes, key.range, key.default] {
            assert!(!text.contains('|') && text.matches('`').count() % 2 == 0, "`{name}`: {text}");
        }
    }
    for word in WORDS.iter().flat_map(|(_, _, words)| words.iter()) {
        assert!(word.about.ends_with('.') && word.example.starts_with(word.name), "`{}` says nothing", word.name);
    }
}

#[test]
fn a_key_has_one_entry() {
    for Attribute { written, keys, .. } in attributes() {
        let mut names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{written}");
    }
}
