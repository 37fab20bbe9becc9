//! Texts that are written for others, and conversations: which types of fields hold them.

use super::cell::{Cell, Content};
use super::column::unlike;
use super::read::messages;
use super::{Column, Message, Row, Takes};
use crate::error::Result;

/// A type that can hold a `prompt`, a `completion`, a `source` or a `target`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a `prompt`, `completion`, `source` or `target`",
    label = "not a text",
    note = "a field with this role is a `String`; token ids of a `target` have the role `target_ids`, beside `input_ids`"
)]
pub trait WrittenField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The text.
    fn text(&self) -> &str;
}

#[diagnostic::do_not_recommend]
impl WrittenField for String {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn text(&self) -> &str {
        self
    }
}

/// A type that can hold `messages`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `messages`",
    label = "not a conversation",
    note = "a field with the role `messages` is a `Vec<Message>`"
)]
pub trait MessagesField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The turns, in order.
    fn messages(&self) -> &[Message];
}

#[diagnostic::do_not_recommend]
impl MessagesField for Vec<Message> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn messages(&self) -> &[Message] {
        self
    }
}

/// An object with the texts `role` and `content`, and nothing else.
impl Column for Message {
    const TAKES: Takes = Takes::Message;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell.content() {
            Content::Json(value) if value.is_object() => {
                let (role, content) = messages::role_and_content(cell.to_string().trim_matches('`'), value)?;
                Ok(Self::new(role, content))
            }
            _ => Err(unlike::<Self>(&cell)),
        }
    }
}
