//! The documented structs in `trainer_core::keys`, written from the tables.

use std::fmt::Write as _;

use super::golden::is_up_to_date;
use super::reference::{Attribute, WORDS, attributes, left_out, takes};
use crate::editor::keys_of;
use crate::keys::Key;
use crate::trainer::keys::Word;
use crate::training_args::names::ALIASES;

const WIDTH: usize = 120;
const HEADER: &str = "// Written by the tests of `trainer-macros` from the tables of its macros.\n";

#[test]
fn the_structs_for_editors_have_all_keys() {
    let (arguments, others): (Vec<Attribute>, Vec<Attribute>) =
        attributes().into_iter().partition(|attribute| attribute.name == "training_args");
    is_up_to_date("../trainer-core/src/keys/attributes.rs", &attribute_file("The keys of the attributes.", &others));
    let title = "The keys of `#[training_args(…)]`.";
    is_up_to_date("../trainer-core/src/keys/arguments.rs", &attribute_file(title, &arguments));
    for (key, module, words) in WORDS {
        let file = word_file(key, words);
        is_up_to_date(&format!("../trainer-core/src/keys/{module}.rs"), &file);
    }
}

fn attribute_file(title: &str, attributes: &[Attribute]) -> String {
    let mut text = format!("//! {title}\n{HEADER}\nuse super::GivenValue;\n");
    for Attribute { name, written, keys } in attributes {
        let _ = write!(text, "\n/// The keys of {written}.\n");
        let mut fields: Vec<String> = keys.iter().filter(|key| key.name != "crate").map(field).collect();
        if *name == "training_args" {
            let alias =
                |(alias, name): &(&str, &str)| format!("    /// The same as `{name}`.\n    pub {alias}: GivenValue,\n");
            fields.extend(ALIASES.iter().map(alias));
        }
        text.push_str(&item(name, &fields));
    }
    text
}

fn word_file(key: &str, words: &[Word]) -> String {
    let mut text =
        format!("//! The names that `{key} = …` takes in `#[trainer(…)]`.\n{HEADER}\nuse super::GivenValue;\n");
    text.push_str("\n/// The names alone.\npub mod names {\n    use super::GivenValue;\n");
    for word in words {
        let about = paragraphs("    ", &[word.about.to_owned(), format!("For example `{}`.", word.example)]);
        let _ = write!(text, "\n{about}    pub const {}: GivenValue = GivenValue;\n", word.name);
    }
    text.push_str("}\n");
    for word in words.iter().filter(|word| !word.known().is_empty()) {
        let fields: Vec<String> = word.known().iter().map(field).collect();
        let _ =
            write!(text, "\n/// The keys of [`{}`](names::{}).\n{}", word.name, word.name, item(word.name, &fields));
    }
    text
}

fn item(name: &str, fields: &[String]) -> String {
    let (name, derives) = (keys_of(name), "#[derive(Clone, Copy, Debug, Default)]\n");
    if fields.is_empty() {
        return format!("{derives}pub struct {name} {{}}\n");
    }
    format!("{derives}pub struct {name} {{\n{}}}\n", fields.concat())
}

fn field(key: &Key) -> String {
    format!("{}    pub {}: GivenValue,\n", documentation(key), key.name)
}

fn documentation(key: &Key) -> String {
    let takes = match takes(key).as_str() {
        "" => "Written without a value.".to_owned(),
        takes => format!("Takes {takes}."),
    };
    let rest = format!("{takes} Left out: {}. For example `{}`.", left_out(key), key.example);
    paragraphs("    ", &[key.about.to_owned(), rest])
}

/// The paragraphs as documentation, in lines that are not too long.
fn paragraphs(indent: &str, paragraphs: &[String]) -> String {
    let wrapped: Vec<String> = paragraphs.iter().map(|paragraph| wrapped(indent, paragraph)).collect();
    wrapped.join(&format!("{indent}///\n"))
}

fn wrapped(indent: &str, paragraph: &str) -> String {
    let start = format!("{indent}///");
    let (mut text, mut line) = (String::new(), start.clone());
    for word in words(paragraph) {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line.clone_from(&start);
        }
        line.push(' ');
        line.push_str(&word);
    }
    let _ = writeln!(text, "{line}");
    text
}

/// The words of a paragraph, where code is one word.
fn words(paragraph: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in paragraph.split(' ') {
        match words.last_mut().filter(|last| last.matches('`').count() % 2 == 1) {
            Some(open) => *open = format!("{open} {word}"),
            None => words.push(word.to_owned()),
        }
    }
    words
}
