//! One row of a data file, and the types that a column can be read as.

use serde_json::{Map, Value};

use super::cell::{Cell, Content};
use super::read::shown;
use super::takes::Takes;
use crate::error::{Error, ErrorKind, Result};

/// One row of a data file: its cells by column, and where it stands.
///
/// Cells of JSON and Parquet files keep their type; cells of CSV and TSV files are strings, which number columns parse.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    file: &'a str,
    line: usize,
    cells: &'a Map<String, Value>,
    typing: Typing<'a>,
    /// Columns that rows before this one have.
    before: &'a [&'static str],
}

/// Whether the cells of a file have types of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typing<'a> {
    /// JSON: a number is no string.
    Typed,
    /// CSV, TSV: everything is characters, and every row has the columns of the header.
    Characters,
    /// Parquet: as JSON, and every row has the columns of the schema, of which only those asked for are cells. Its rows
    /// are numbered.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "made by the reader of Parquet"))]
    Schema(&'a [String]),
}

impl<'a> Row<'a> {
    /// The row of `cells` at `line` (from 1) of the JSON file `file`.
    pub fn new(file: &'a str, line: usize, cells: &'a Map<String, Value>) -> Self {
        Self { file, line, cells, typing: Typing::Typed, before: &[] }
    }

    /// The row of `cells`, all strings, at `line` (from 1) of the CSV or TSV file `file`.
    pub fn of_characters(file: &'a str, line: usize, cells: &'a Map<String, Value>) -> Self {
        Self { file, line, cells, typing: Typing::Characters, before: &[] }
    }

    /// The row `number` (from 1) of the Parquet file `file`, whose schema has `columns`.
    #[cfg(feature = "parquet")]
    pub(super) fn numbered(file: &'a str, number: usize, cells: &'a Map<String, Value>, columns: &'a [String]) -> Self {
        Self { file, line: number, cells, typing: Typing::Schema(columns), before: &[] }
    }

    /// The same row, where rows before it have the columns `before`.
    pub(super) fn after<'b>(&self, before: &'b [&'static str]) -> Row<'b>
    where
        'a: 'b,
    {
        Row { before, ..*self }
    }

    /// Where the row stands, as `file:line`; in a Parquet file `file: row number`.
    pub fn place(&self) -> String {
        match self.typing {
            Typing::Typed | Typing::Characters => format!("{}:{}", self.file, self.line),
            Typing::Schema(_) => format!("{}: row {}", self.file, self.line),
        }
    }

    /// The line that the row begins on, from 1; in a Parquet file the number of the row, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The names of the columns, in the order of the file.
    pub fn columns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (schema, cells) = match self.typing {
            Typing::Schema(names) => (names, None),
            Typing::Typed | Typing::Characters => (&[][..], Some(self.cells)),
        };
        schema.iter().chain(cells.into_iter().flat_map(Map::keys)).map(String::as_str)
    }

    /// Reads the cell of the column `name`.
    ///
    /// # Errors
    /// `file:line`, the column, the value found and what was expected; the columns there are, if this one is missing.
    pub fn column<T: Column>(&self, name: &str) -> Result<T> {
        let content = self.content(name);
        T::from_cell(Cell::new(name, content)).map_err(|error| match content {
            Content::Missing => self.without_column(name),
            _ => error.at(self.place()),
        })
    }

    /// What the cell of the column `name` holds.
    pub(super) fn content(&self, name: &str) -> Content<'a> {
        match (self.cells.get(name), self.typing) {
            (None, _) => Content::Missing,
            (Some(Value::String(text)), Typing::Characters) => Content::Text(text),
            (Some(value), _) => Content::Json(value),
        }
    }

    fn without_column(&self, name: &str) -> Error {
        // A header is one for all rows: the place to repair is its line, not the row that was read first.
        let (what, place) = match self.typing {
            Typing::Typed => (format!("this row has no `{name}`"), self.place()),
            Typing::Characters => (format!("the header has no `{name}`"), format!("{}:1", self.file)),
            Typing::Schema(_) => (format!("this file has no `{name}`"), self.file.to_owned()),
        };
        let error = Error::new(ErrorKind::Data, what).at(place);
        shown::without_column(name, self.columns(), self.before.contains(&name)).into_iter().fold(error, Error::help)
    }
}

/// A type that a column of a data file can be read as.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a column of a data file",
    label = "not a type of a column",
    note = "a column is a `String`, a number, a `bool`, an enum with `#[derive(ClassLabel)]`, a `Vec` of these, `[f32; N]`, or an `Option` of any"
)]
pub trait Column: Sized {
    /// What [`from_cell`](Self::from_cell) takes, by which data files are checked while compiling.
    const TAKES: Takes = Takes::Anything;

    /// Reads one cell; the error names the column ([`Cell::expected`]), the caller adds file and line.
    fn from_cell(cell: Cell<'_>) -> Result<Self>;

    /// Reads a cell that holds a list; in CSV and TSV files a JSON array such as `[1, 2]`.
    ///
    /// Element by element, unless the type has another way to write a list of it, as classes have the 0/1 vector.
    fn list_from_cell(cell: Cell<'_>) -> Result<Vec<Self>> {
        super::column::list_elements(cell)
    }
}
