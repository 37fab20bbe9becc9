//! Parquet: columns with types, in groups of rows.
//!
//! What comes in: a file, and the columns that the struct reads; no other column is decoded. What goes out: rows of typed
//! cells, as from JSON, numbered from 1, since Parquet has no lines. It refuses a file that is broken or not Parquet, a
//! compression and a type of column that it does not read, and class numbers that mean other classes than the struct's.

mod class_names;
mod columns;
mod failure;
mod value;

use std::fs::File;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use serde_json::{Map, Value};

use self::columns::Columns;
use self::failure::{broken, guarded, not_parquet};
use super::{Error, ErrorKind, Result, Row};
use crate::data::LabelSet;

/// What the struct reads of a file.
pub(super) struct Wanted<'a> {
    /// The columns of its fields.
    pub(super) columns: Vec<&'a str>,
    /// The column of its label, and the classes, if these are classes.
    pub(super) label: Option<(&'a str, LabelSet)>,
}

/// Gives each row of the file called `name` to `add`.
pub(super) fn read(
    file: File,
    name: &str,
    wanted: &Wanted<'_>,
    add: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let length = file.metadata().map_err(|source| super::lines::not_readable(name, source))?.len();
    let reader = guarded(|| SerializedFileReader::new(file)).map_err(|reason| not_parquet(length, &reason).at(name))?;
    let metadata = reader.metadata();
    let columns = Columns::of(metadata, &wanted.columns).map_err(|error| error.at(name))?;
    if let Some((column, classes)) = &wanted.label {
        class_names::check(metadata, column, classes).map_err(|error| error.at(name))?;
    }
    let mut size = Size { length, read: 0 };
    let mut number = 0;
    for index in 0..metadata.num_row_groups() {
        let in_group = |reason: String| broken(&reason).at(format!("{name}: row {}", number + 1));
        let group = guarded(|| reader.get_row_group(index)).map_err(in_group)?;
        let rows = metadata.row_group(index).num_rows();
        if columns.projection.get_fields().is_empty() {
            // The struct has none of the columns that are there: each row is the same, and its first is refused.
            return match rows {
                0 => continue,
                _ => add(&Row::numbered(name, 1, &Map::new(), &columns.names)),
            };
        }
        let mut iterator =
            guarded(|| RowIter::from_row_group(Some(columns.projection.clone()), &*group)).map_err(in_group)?;
        while let Some(row) = guarded(|| iterator.next().transpose())
            .map_err(|reason| broken(&reason).at(format!("{name}: row {}", number + 1)))?
        {
            number += 1;
            let at_row = |error: Error| error.at(format!("{name}: row {number}"));
            let cells: Map<String, Value> = row
                .into_columns()
                .into_iter()
                .map(|(column, field)| value::of(&column, field).map(|value| (column, value)))
                .collect::<Result<_>>()
                .map_err(at_row)?;
            size.add(&cells).map_err(at_row)?;
            add(&Row::numbered(name, number, &cells, &columns.names))?;
        }
    }
    Ok(())
}

/// How much a file has unfolded to, so that a small file cannot fill the memory.
struct Size {
    /// Bytes of the file.
    length: u64,
    /// Bytes that its rows took so far.
    read: u64,
}

impl Size {
    fn add(&mut self, cells: &Map<String, Value>) -> Result<()> {
        /// Below this nothing is refused.
        const SMALL: u64 = 1 << 30;
        /// Texts that people write become smaller by a factor below 20.
        const FACTOR: u64 = 1000;
        self.read += cells.values().map(value::size).sum::<u64>();
        if self.read < SMALL || self.read / FACTOR < self.length {
            return Ok(());
        }
        let what = format!("a file of {} bytes unfolds to more than {} GiB up to here", self.length, self.read >> 30);
        Err(Error::new(ErrorKind::Data, what)
            .help("nearly all of its rows repeat each other: write it again without them"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_cannot_unfold_without_end() {
        let cells = Map::from_iter([("text".to_owned(), Value::from("a".repeat(1000)))]);
        let mut bomb = Size { length: 2000, read: (1 << 30) - 100 };
        let message = bomb.add(&cells).unwrap_err().to_string();
        assert!(message.starts_with("a file of 2000 bytes unfolds to more than 1 GiB up to here\n"), "{message}");
        Size { length: 2_000_000, read: (1 << 30) - 100 }.add(&cells).unwrap();
        Size { length: 2000, read: 0 }.add(&cells).unwrap();
    }
}
