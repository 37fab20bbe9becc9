//! One row of a data file, and the types that a column can be read as.

use serde_json::Value;

use crate::error::Result;

/// One row of a data file: its cells by column, and where it stands.
///
/// Cells of JSON files keep their type; cells of CSV and TSV files are strings, which number columns parse.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    file: &'a str,
    line: usize,
    cells: &'a serde_json::Map<String, Value>,
}

impl<'a> Row<'a> {
    /// The row of `cells` at `line` (from 1) of `file`.
    pub fn new(file: &'a str, line: usize, cells: &'a serde_json::Map<String, Value>) -> Self {
        Self { file, line, cells }
    }

    /// Where the row stands, as `file:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// A type that a column of a data file can be read as.
pub trait Column: Sized {
    /// Reads one cell.
    fn from_cell(cell: &Value) -> Result<Self>;
}
