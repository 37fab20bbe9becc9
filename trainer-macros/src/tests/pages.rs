//! The keys of each macro, as its page has them.

use std::fmt::Write as _;

use super::golden::is_up_to_date;
use super::reference::{WORDS, attributes, left_out, takes};
use crate::keys::Key;
use crate::trainer::keys::Word;

/// Each macro's folder, with the attributes that it has.
const PAGES: &[(&str, &[&str])] = &[
    ("class_label", &["label", "label_variant"]),
    ("example", &["example", "example_field"]),
    ("training_args", &["arg", "training_args"]),
    ("metric", &["metric"]),
    ("loss", &["loss"]),
    ("trainer", &["trainer"]),
];

#[test]
fn the_pages_have_all_keys() {
    let all = attributes();
    let mut shown = 0;
    for (folder, names) in PAGES {
        let mut page = "# Keys\n".to_owned();
        for attribute in all.iter().filter(|attribute| names.contains(&attribute.name)) {
            let _ = write!(page, "\nOf {}:\n\n{}", attribute.written, table(&attribute.keys));
            shown += 1;
        }
        if *folder == "trainer" {
            for (key, _, words) in WORDS {
                page.push_str(&section(key, words));
            }
        }
        is_up_to_date(&format!("src/{folder}/keys.md"), &page);
    }
    assert_eq!(shown, all.len(), "an attribute is on no page");
}

fn table(keys: &[Key]) -> String {
    let mut text = "| key | takes | left out | what it is for |\n|---|---|---|---|\n".to_owned();
    for key in keys {
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", key.example, takes(key), left_out(key), key.about);
    }
    text
}

/// The names that a key takes, then what may stand in their parentheses.
fn section(key: &str, words: &[Word]) -> String {
    let mut text = format!("\n# `{key} = …`\n\n| value | what it is | its keys |\n|---|---|---|\n");
    for word in words {
        let keys: Vec<String> = word.known().iter().map(|key| format!("`{}`", key.name)).collect();
        let _ = writeln!(text, "| `{}` | {} | {} |", word.example, word.about, keys.join(", "));
    }
    let mut keys: Vec<Key> = Vec::new();
    for key in words.iter().flat_map(Word::known) {
        // `weights` is one thing of a loss and another of a metric, but one among the names of each.
        if !keys.iter().any(|known| known.name == key.name) {
            keys.push(key);
        }
    }
    if !keys.is_empty() {
        let _ = write!(text, "\nIn their parentheses:\n\n{}", table(&keys));
    }
    text
}
