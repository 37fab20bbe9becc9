//! Data files become examples, row by row.
//!
//! What comes in: the path of a file and its [`Format`]. What goes out: a [`Dataset`] with the line of every row and the
//! columns that no field takes. It refuses the first row that does not fit, with `file:line`, and a file without rows.

mod json_array;
mod json_lines;
mod json_object;
mod lines;
pub(super) mod messages;
#[cfg(feature = "parquet")]
mod parquet;
mod separated;
pub(super) mod shown;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::de;

use super::check::check_example;
use super::dataset::Counted;
use super::{Dataset, Example, Row};
#[cfg(feature = "parquet")]
use super::{Role, Task};
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
    /// Columns with types, in groups of rows.
    Parquet,
}

impl Format {
    /// The format that the path's extension names.
    pub(super) fn of(path: &Path) -> Result<Self> {
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
                let is_of_the_hub =
                    !path.exists() && shown::is_name_of_the_hub(path, path.parent().unwrap_or(Path::new("")));
                let error = if is_of_the_hub { error.help(shown::NO_HUB) } else { error };
                let error = match other.and_then(|other| nearest(other, EXTENSIONS)) {
                    Some(near) => error.help(format!("did you mean `.{near}`?")),
                    None => error,
                };
                Err(error.help(
                    "`.jsonl`, `.ndjson`, `.json`, `.csv`, `.tsv` or `.parquet`; or say which: `Dataset::from_jsonl(path)`",
                ))
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
    read_seen(path, format, &mut |_| {})
}

/// As [`read`], and shows every row that fits the struct to `see`.
pub(super) fn read_seen<E: Example>(path: &Path, format: Format, see: &mut dyn FnMut(&Row<'_>)) -> Result<Dataset<E>> {
    let file = path.display().to_string();
    let mut dataset = Dataset {
        examples: Vec::new(),
        file: Some(file.clone()),
        counted: if format == Format::Parquet { Counted::Rows } else { Counted::Lines },
        lines: Vec::new(),
        unused: Vec::new(),
    };
    let mut before = Vec::new();
    let mut add = |row: &Row<'_>| {
        add_row(&mut dataset, &row.after(&before))?;
        see(row);
        if before.len() < E::FIELDS.len() {
            let known = |column: &&str| row.columns().any(|name| name == *column);
            let new = E::FIELDS.iter().map(|field| field.column).filter(known);
            before.extend(new.filter(|column| !before.contains(column)).collect::<Vec<_>>());
        }
        Ok(())
    };
    match format {
        Format::JsonLines => json_lines::read(text(path)?, &file, &mut add)?,
        Format::JsonArray => json_array::read(text(path)?, &file, &mut add)?,
        Format::CommaSeparated => separated::read(text(path)?, b',', &file, &mut add)?,
        Format::TabSeparated => separated::read(text(path)?, b'\t', &file, &mut add)?,
        Format::Parquet => read_parquet::<E>(path, &file, &mut add)?,
    }
    if dataset.is_empty() {
        return Err(Error::new(ErrorKind::Data, format!("`{file}` has no rows")).help(shown::NO_ROWS));
    }
    Ok(dataset)
}

/// The text in the file at `path`, without a byte order mark.
fn text(path: &Path) -> Result<impl BufRead> {
    let mut reader = BufReader::with_capacity(1 << 16, open(path)?);
    lines::skip_byte_order_mark(&mut reader).map_err(|source| Error::io("read", path, source))?;
    Ok(reader)
}

#[cfg(feature = "parquet")]
fn read_parquet<E: Example>(path: &Path, file: &str, add: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    let label = E::FIELDS.iter().find(|field| matches!(field.role, Role::Label | Role::Labels | Role::Tags));
    let wanted = parquet::Wanted {
        columns: E::FIELDS.iter().map(|field| field.column).collect(),
        label: label.and_then(|field| Some((field.column, <E::Task as Task>::LABELS?))),
    };
    parquet::read(open(path)?, file, &wanted, add)
}

#[cfg(not(feature = "parquet"))]
#[expect(clippy::extra_unused_type_parameters, reason = "its twin reads the columns that the struct has")]
fn read_parquet<E>(path: &Path, file: &str, _add: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    open(path)?;
    Err(Error::new(ErrorKind::Data, format!("`{file}` is Parquet, which needs the feature `parquet`"))
        .help("switch it on in `Cargo.toml`: `trainer-core = { …, features = [\"parquet\"] }`"))
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

#[cfg(all(test, not(feature = "parquet")))]
mod tests {
    use super::*;

    #[test]
    fn a_parquet_file_needs_the_feature_and_is_told_so() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a.parquet");
        std::fs::write(&path, "PAR1").unwrap();
        let error = read_parquet::<()>(&path, "a.parquet", &mut |_| Ok(())).unwrap_err().to_string();
        assert_eq!(
            error,
            "`a.parquet` is Parquet, which needs the feature `parquet`\nhelp: switch it on in `Cargo.toml`: `trainer-core = { …, features = [\"parquet\"] }`"
        );
    }
}
