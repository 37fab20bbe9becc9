//! Words and their classes: which types of fields hold them, and how they are read.
//!
//! What comes in: lists of a data file, and the types of the fields. What goes out: words, and the class of each. A class is
//! written as its name or its index; where the type allows that a word has none, `null` and -100 say so.

use super::cell::{Cell, Content};
use super::column::unlike;
use super::label::label_set;
use super::takes::{NOTHING, Takes, said};
use super::{ClassLabel, Column, IGNORE, Row, Target, Task, TokenClassification};
use crate::error::Result;

/// A type that can hold `tokens`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `tokens`",
    label = "not a list of words",
    note = "a field with the role `tokens` is a `Vec<String>`"
)]
pub trait TokensField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The words.
    fn words(&self) -> &[String];
}

#[diagnostic::do_not_recommend]
impl TokensField for Vec<String> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn words(&self) -> &[String] {
        self
    }
}

/// A type that can hold `tags`: the class of each word, or of each token id.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `tags`",
    label = "not a list of classes",
    note = "a field with the role `tags` is a `Vec` of an enum with `#[derive(ClassLabel, Clone, Copy, PartialEq)]`, or a `Vec` of an `Option` of it where some words have no class (`null` or -100)"
)]
pub trait TagsField: Sized {
    /// The task of examples that have such tags.
    type Task: Task;
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The tags as the loss takes them.
    fn target(&self) -> Target;
}

#[diagnostic::do_not_recommend]
impl<T: ClassLabel> TagsField for Vec<T> {
    type Task = TokenClassification<T>;
    const TAKES: Takes = <Vec<Tag<T>> as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        let tags: Vec<Tag<T>> = row.column(column)?;
        Ok(tags.into_iter().map(|Tag(tag)| tag).collect())
    }

    fn target(&self) -> Target {
        Target::Tags(self.iter().map(|tag| tag.index() as u32).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ClassLabel> TagsField for Vec<Option<T>> {
    type Task = TokenClassification<T>;
    const TAKES: Takes = <Vec<TagOrNothing<T>> as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        let tags: Vec<TagOrNothing<T>> = row.column(column)?;
        Ok(tags.into_iter().map(|TagOrNothing(tag)| tag).collect())
    }

    fn target(&self) -> Target {
        Target::Tags(self.iter().map(|tag| tag.as_ref().map_or(IGNORE, |tag| tag.index() as u32)).collect())
    }
}

/// The class of one word. Unlike classes of one text, many words have the same.
struct Tag<T>(T);

impl<T: ClassLabel> Column for Tag<T> {
    const TAKES: Takes = Takes::Tag(label_set::<T>());

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        let read = T::from_cell(cell).map(Self);
        if is_nothing(&cell) { read.map_err(|error| error.help(said::TAGS_OR_NOTHING)) } else { read }
    }
}

/// The class of one word, if it has one.
struct TagOrNothing<T>(Option<T>);

impl<T: ClassLabel> Column for TagOrNothing<T> {
    const TAKES: Takes = Takes::TagOrNothing(label_set::<T>());

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell.content() {
            _ if is_nothing(&cell) => Ok(Self(None)),
            Content::Json(value) if !value.is_string() && !value.is_number() => {
                Err(unlike::<Self>(&cell).help(said::classes(T::NAMES).as_str()))
            }
            _ => T::from_cell(cell).map(|tag| Self(Some(tag))),
        }
    }
}

fn is_nothing(cell: &Cell<'_>) -> bool {
    match cell.content() {
        Content::Json(value) => value.is_null() || value.as_i64().map(i128::from) == Some(NOTHING),
        Content::Missing | Content::Text(_) => false,
    }
}
