//! One cell of a data file: what it holds, and the words to refuse it with.

use std::fmt;

use serde_json::Value;

use super::read::shown;
use crate::error::{Error, ErrorKind};

/// One cell of a row, or one element of a list in it.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    column: &'a str,
    element: Option<usize>,
    content: Content<'a>,
}

/// What a [`Cell`] holds.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// The row has no such column.
    Missing,
    /// A value of a JSON file, with its type.
    Json(&'a Value),
    /// The characters of a CSV or TSV file, which have no type.
    Text(&'a str),
}

impl<'a> Cell<'a> {
    /// The cell of `column` that holds `content`.
    pub fn new(column: &'a str, content: Content<'a>) -> Self {
        Self { column, element: None, content }
    }

    /// What it holds.
    pub fn content(&self) -> Content<'a> {
        self.content
    }

    /// Whether there is nothing in it: no such column, `null`, or no character between two separators.
    pub fn is_empty(&self) -> bool {
        match self.content {
            Content::Missing | Content::Json(Value::Null) => true,
            Content::Json(_) => false,
            Content::Text(text) => text.is_empty(),
        }
    }

    /// The element at `index` of the list in this cell.
    pub fn element<'b>(&self, index: usize, value: &'b Value) -> Cell<'b>
    where
        'a: 'b,
    {
        Cell { column: self.column, element: Some(index), content: Content::Json(value) }
    }

    /// The error for a cell that holds something else than `what` (such as "a number").
    pub fn expected(&self, what: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Data, format!("{self} is {}, expected {what}", self.content))
    }

    /// The error for a cell whose value is of the right type but cannot be; `why` follows the value.
    pub fn refused(&self, kind: ErrorKind, why: impl fmt::Display) -> Error {
        Error::new(kind, format!("{self} is {}, {why}", self.content))
    }
}

/// The column's name in backticks, with the position of a list's element.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.element {
            Some(index) => write!(f, "`{}[{index}]`", self.column),
            None => write!(f, "`{}`", self.column),
        }
    }
}

/// The value as the file spells it, cut to what fits in a message.
impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Missing => f.write_str("missing"),
            Content::Text(text) => f.write_str(&shown::text(text)),
            Content::Json(value) => f.write_str(&shown::json(value)),
        }
    }
}
