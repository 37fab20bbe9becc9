//! Data files become examples, row by row.
//!
//! What comes in: the path of a file and its [`Format`]. What goes out: a [`Dataset`] with the line of every row and the
//! columns that no field takes. It refuses the first row that does not fit, with `file:line`, and a file without rows.

mod json_array;
mod json_lines;
mod json_object;
mod lines;
mod separated;
pub(super) mod shown;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::de;

use super::check::check_example;
use super::{Dataset, Example, Row};
use crate::error::{Error, ErrorKind, Result};
use crate::nearest::nearest;

/// How the rows of a data file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
    /// Fields between commas, with a header.
    CommaSeparated,
    /// Fields between tabs, with a header.
    TabSeparated,
}

impl Format {
    /// The format that the path's extension names.
    pub(super) fn of(path: &Path) -> Result<Self> {
        const EXTENSIONS: [&str; 5] = ["jsonl", "ndjson", "json", "csv", "tsv"];
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            Some("json") => Ok(Self::JsonArray),
            Some("csv") => Ok(Self::CommaSeparated),
            Some("tsv") => Ok(Self::TabSeparated),
            other => {
                let what = format!("the extension of `{}` names no format of data files", path.display());
                let error = Error::new(ErrorKind::Data, what);
                let error = match other.and_then(|other| nearest(other, EXTENSIONS)) {
                    Some(near) => error.help(format!("did you mean `.{near}`?")),
                    None => error,
                };
                Err(error
                    .help("`.jsonl`, `.ndjson`, `.json`, `.csv` or `.tsv`; or say which: `Dataset::from_jsonl(path)`"))
            }
        }
    }
}

/// A column of a data file that no field of the struct takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedColumn {
    /// The column's name.
    pub name: String,
    /// How many rows have it.
    pub rows: usize,
}

/// Reads all rows of the file at `path`.
pub(super) fn read<E: Example>(path: &Path, format: Format) -> Result<Dataset<E>> {
    let file = path.display().to_string();
    let mut reader = BufReader::with_capacity(1 << 16, open(path)?);
    lines::skip_byte_order_mark(&mut reader).map_err(|source| Error::io("read", path, source))?;
    let mut dataset = Dataset { examples: Vec::new(), file: Some(file.clone()), lines: Vec::new(), unused: Vec::new() };
    let mut add = |row: &Row<'_>| add_row(&mut dataset, row);
    match format {
        Format::JsonLines => json_lines::read(reader, &file, &mut add)?,
        Format::JsonArray => json_array::read(reader, &file, &mut add)?,
        Format::CommaSeparated => separated::read(reader, b',', &file, &mut add)?,
        Format::TabSeparated => separated::read(reader, b'\t', &file, &mut add)?,
    }
    if dataset.is_empty() {
        return Err(Error::new(ErrorKind::Data, format!("`{file}` has no rows")));
    }
    Ok(dataset)
}

fn open(path: &Path) -> Result<File> {
    let shown = path.display();
    let metadata = path.metadata().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => {
            let directory =
                std::env::current_dir().map(|dir| format!("; the working directory is `{}`", dir.display()));
            Error::new(ErrorKind::Io, format!("there is no file `{shown}`"))
                .help(format!("a path is taken from the working directory{}", directory.unwrap_or_default()))
                .caused_by(source)
        }
        _ => Error::io("read", path, source),
    })?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::Io, format!("`{shown}` is a folder, expected a file")));
    }
    File::open(path).map_err(|source| Error::io("open", path, source))
}

fn add_row<E: Example>(dataset: &mut Dataset<E>, row: &Row<'_>) -> Result<()> {
    let example = E::from_row(row)?;
    check_example(&example).map_err(|error| error.at(row.place()))?;
    let unused = row.columns().filter(|column| E::FIELDS.iter().all(|field| field.column != *column));
    for column in unused {
        match dataset.unused.iter_mut().find(|known| known.name == column) {
            Some(known) => known.rows += 1,
            None => dataset.unused.push(UnusedColumn { name: column.to_owned(), rows: 1 }),
        }
    }
    dataset.examples.push(example);
    dataset.lines.push(row.line());
    Ok(())
}
