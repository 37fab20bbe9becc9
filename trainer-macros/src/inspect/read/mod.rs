//! The readers of data files: those of the core, file by file.
//!
//! A macro cannot call the crate that it expands for, and both must refuse a file in the same words. So the files of
//! this folder are copies of `trainer-core/src/data/read`; a test compares them.

mod json_array;
mod json_lines;
mod json_object;
mod lines;
pub(super) mod messages;
mod separated;
pub(super) mod shown;

use std::io::BufRead;
use std::path::Path;

use serde_core::de;
use serde_json::{Map, Value};

use super::error::{Error, ErrorKind, Result};
use super::nearest::nearest;

/// One row: its cells by column, and where it stands.
pub(crate) struct Row<'a> {
    /// The line that the row begins on, or its number where the file has no lines; from 1.
    pub(crate) line: usize,
    /// The cells, in the order of the file.
    pub(crate) cells: &'a Map<String, Value>,
    /// Whether all cells are characters, which have no type: CSV and TSV.
    pub(crate) characters: bool,
    /// Parquet: the columns of the file, of which only those asked for are cells.
    schema: Option<&'a [String]>,
}

impl<'a> Row<'a> {
    /// A row of typed cells.
    pub(crate) fn new(_file: &str, line: usize, cells: &'a Map<String, Value>) -> Self {
        Self { line, cells, characters: false, schema: None }
    }

    /// A row whose cells are all strings.
    pub(crate) fn of_characters(_file: &str, line: usize, cells: &'a Map<String, Value>) -> Self {
        Self { line, cells, characters: true, schema: None }
    }

    /// A row of a file that has no lines, whose schema has `columns`.
    #[cfg(feature = "parquet")]
    pub(crate) fn numbered(_file: &str, number: usize, cells: &'a Map<String, Value>, columns: &'a [String]) -> Self {
        Self { line: number, cells, characters: false, schema: Some(columns) }
    }

    /// The names of the columns, in the order of the file.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let cells = self.schema.is_none().then(|| self.cells.keys());
        self.schema.unwrap_or_default().iter().chain(cells.into_iter().flatten()).map(String::as_str)
    }
}

/// How the rows of a data file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    JsonLines,
    JsonArray,
    CommaSeparated,
    TabSeparated,
    Parquet,
}

impl Format {
    /// The format that the path's extension names.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        const EXTENSIONS: [&str; 6] = ["jsonl", "ndjson", "json", "csv", "tsv", "parquet"];
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            Some("json") => Ok(Self::JsonArray),
            Some("csv") => Ok(Self::CommaSeparated),
            Some("tsv") => Ok(Self::TabSeparated),
            Some("parquet") => Ok(Self::Parquet),
            other => {
                let what = format!("the extension of `{}` names no format of data files", path.display());
                let error = Error::new(ErrorKind::Data, what);
                let error = match other.and_then(|other| nearest(other, EXTENSIONS)) {
                    Some(near) => error.help(format!("did you mean `.{near}`?")),
                    None => error,
                };
                Err(error.help("`.jsonl`, `.ndjson`, `.json`, `.csv`, `.tsv` or `.parquet`"))
            }
        }
    }

    /// Whether cells are characters, which have no type.
    pub(crate) fn has_characters(self) -> bool {
        matches!(self, Self::CommaSeparated | Self::TabSeparated)
    }
}

/// Gives each row to `add`.
pub(crate) fn rows(
    mut reader: impl BufRead,
    format: Format,
    file: &str,
    add: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    lines::skip_byte_order_mark(&mut reader).map_err(|source| Error::io("read", Path::new(file), source))?;
    match format {
        Format::JsonLines => json_lines::read(reader, file, add),
        Format::JsonArray => json_array::read(reader, file, add),
        Format::CommaSeparated => separated::read(reader, b',', file, add),
        Format::TabSeparated => separated::read(reader, b'\t', file, add),
        Format::Parquet => Err(Error::new(ErrorKind::Data, format!("`{file}` is no text"))),
    }
}
