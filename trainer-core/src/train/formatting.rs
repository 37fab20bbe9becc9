//! `formatting`: what the model reads of an example, in place of its `text`.
//!
//! What comes in: a template with fields of the example in braces, or a function. What goes out: one text for each example.
//! It refuses placeholders that are no fields or cannot be shown, and examples whose input is no text.

use super::checks::Schema;
use crate::args::rules::{Verdict, Words, nearest, same, words};
use crate::data::{Example, Role};
use crate::error::{Error, ErrorKind, Result};

/// A function that writes an example as a text.
pub type Formatting<E> = fn(&E) -> String;

/// A function that the key `formatting` can name; `How` is what it gives.
#[diagnostic::on_unimplemented(
    message = "this function does not write an example as a text",
    label = "another signature than `formatting` needs",
    note = "write `fn name(example: &{E}) -> String`"
)]
pub trait FormattingFunction<E, How> {
    /// The text that the model reads.
    fn text(&self, example: &E) -> String;
}

/// A function that gives a text of its own.
pub enum Owned {}

/// A function that gives a text of the program.
pub enum Fixed {}

#[diagnostic::do_not_recommend]
impl<E, F: Fn(&E) -> String> FormattingFunction<E, Owned> for F {
    fn text(&self, example: &E) -> String {
        self(example)
    }
}

#[diagnostic::do_not_recommend]
impl<E, F: Fn(&E) -> &'static str> FormattingFunction<E, Fixed> for F {
    fn text(&self, example: &E) -> String {
        self(example).to_owned()
    }
}

/// The text of a template: what stands before each placeholder and after the last, and the fields between.
pub fn fill<E: Example>(example: &E, pieces: &[&str], fields: &[&str]) -> String {
    let mut text = String::new();
    for (position, piece) in pieces.iter().enumerate() {
        text.push_str(piece);
        let field = fields.get(position).and_then(|name| E::FIELDS.iter().position(|field| field.name == *name));
        text.push_str(&field.and_then(|field| example.shown(field)).unwrap_or_default());
    }
    text
}

/// The text that the model reads of an example.
///
/// # Errors
/// [`ErrorKind::Data`] if nothing is left of it.
pub(super) fn formatted<E>(example: &E, formatting: Formatting<E>) -> Result<String> {
    let text = formatting(example);
    if text.trim().is_empty() {
        return Err(Error::new(ErrorKind::Data, "`formatting` makes an empty text of this row")
            .help("leave the row out, or write more than its empty fields"));
    }
    Ok(text)
}

/// What is formatted takes the place of one text.
pub const fn formatting_replaces_a_text(schema: &Schema) -> Verdict {
    let mut at = 0;
    while at < schema.fields.len() {
        let field = schema.fields[at];
        match field.role {
            Role::TextPair => {
                return Verdict::refused(
                    words("`formatting` writes one text, but `").then(schema.name).then("` has a `text_pair`"),
                    words("write `#[example(extra)]` on `")
                        .then(field.name)
                        .then("`, and both texts with `formatting`"),
                );
            }
            Role::InputIds | Role::Features | Role::Tokens | Role::Source => {
                return Verdict::refused(
                    words("`formatting` writes a text, but `")
                        .then(schema.name)
                        .then("` has `")
                        .then(field.name)
                        .then("`"),
                    words("leave `formatting` out, or give `").then(schema.name).then("` a `text: String`"),
                );
            }
            _ => {}
        }
        at += 1;
    }
    Verdict::Accepted
}

/// A placeholder is a field of the example whose value can be shown; `shown` says so of each field.
pub const fn placeholder_is_shown(schema: &Schema, shown: &[bool], name: &str) -> Verdict {
    let mut at = 0;
    while at < schema.fields.len() {
        let field = schema.fields[at];
        if same(field.name, name) {
            if matches!(field.role, Role::Label | Role::Labels | Role::Tags) {
                return Verdict::refused(
                    words("`{")
                        .then(name)
                        .then("}` is what the model has to find, so it cannot stand in what it reads"),
                    words("leave `{").then(name).then("}` out of the template"),
                );
            }
            if at < shown.len() && shown[at] {
                return Verdict::Accepted;
            }
            return Verdict::refused(
                words("`{").then(name).then("}` cannot stand in a template: its type has no text"),
                words(
                    "texts, numbers, `bool`s, classes and an `Option` of these can; for others write a function: `formatting = my_function`",
                ),
            );
        }
        at += 1;
    }
    if schema.name.is_empty() {
        return Verdict::Accepted;
    }
    let message = words("`{").then(name).then("}` is no field of `").then(schema.name).then("`");
    Verdict::refused(message, near_field(schema, name))
}

const fn near_field(schema: &Schema, name: &str) -> Words {
    const MOST: usize = 64;
    let mut names = [""; MOST];
    let (mut at, mut count) = (0, 0);
    while at < schema.fields.len() {
        let field = schema.fields[at];
        if same(field.column, name) {
            return words("the column `")
                .then(name)
                .then("` is read into the field `")
                .then(field.name)
                .then("`: write `{")
                .then(field.name)
                .then("}`");
        }
        if count < MOST && !matches!(field.role, Role::Label | Role::Labels | Role::Tags) {
            names[count] = field.name;
            count += 1;
        }
        at += 1;
    }
    let names = names.split_at(count).0;
    match nearest(name, names) {
        Some(near) => words("did you mean `{").then(near).then("}`?"),
        None => words("its fields are ").list(names),
    }
}
