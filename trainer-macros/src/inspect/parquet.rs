//! Parquet files, looked at while compiling.
//!
//! What comes in: the file, and the columns that the fields are read from; no other column is decoded. What goes out: what
//! was seen of its rows. Their number is always known, for the footer has it. The files of this folder are copies of the
//! core's, so that both refuse a file in the same words; a test compares them.

mod columns;
mod failure;
mod value;

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use serde_json::Map;

use self::columns::Columns;
use self::failure::{broken, guarded, not_parquet};
use super::read::Row;
use super::sample::SAMPLE;
use super::{Error, ErrorKind, Extent, Result, Seen};
use crate::example::role::Role;

/// How many rows are looked at in each of the places of a large file.
const ROWS: usize = 256;
/// A file with more rows is large, however few bytes they take: without optimisation these need half a second.
const SMALL: usize = 50_000;

/// Looks at the file `name`, which is at `path` and has `size` bytes.
pub(super) fn look(name: &str, path: &Path, size: u64, extent: Extent, columns: &[(String, Role)]) -> Result<Seen> {
    let file = File::open(path).map_err(|source| Error::io("open", Path::new(name), source))?;
    let reader = guarded(|| SerializedFileReader::new(file)).map_err(|reason| not_parquet(size, &reason).at(name))?;
    let metadata = reader.metadata();
    let wanted: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
    let found = Columns::of(metadata, &wanted).map_err(|error| error.at(name))?;
    let mut seen = Seen::new(name, false, columns);
    seen.numbered = true;
    let counts = metadata.row_groups().iter().map(|group| usize::try_from(group.num_rows()).unwrap_or_default());
    let groups: Vec<usize> = counts.collect();
    let all = groups.iter().fold(0, |sum: usize, rows| sum.saturating_add(*rows));
    if found.projection.get_fields().is_empty() && all > 0 {
        seen.take_in(&Row::numbered(name, 1, &Map::new(), &found.names));
    } else {
        let parts = Parts { reader: &reader, name, found: &found, groups: &groups };
        if extent == Extent::Full || (size <= SAMPLE && all <= SMALL) {
            (0..groups.len()).try_for_each(|group| parts.take_in(group, usize::MAX, u64::MAX, &mut seen))?;
        } else {
            let mut places = vec![0, groups.len() / 2, groups.len().saturating_sub(1)];
            places.dedup();
            let share = SAMPLE / places.len().max(1) as u64;
            places.into_iter().try_for_each(|group| parts.take_in(group, ROWS, share, &mut seen))?;
        }
    }
    seen.rows = Some(all);
    seen.complete = seen.taken_in() == all;
    Ok(seen)
}

/// The groups of rows of a file.
struct Parts<'a> {
    reader: &'a SerializedFileReader<File>,
    name: &'a str,
    found: &'a Columns,
    /// How many rows each group has.
    groups: &'a [usize],
}

impl Parts<'_> {
    /// Takes in the first rows of a group: at most `rows`, and not more than `bytes` of values.
    fn take_in(&self, group: usize, rows: usize, bytes: u64, seen: &mut Seen) -> Result<()> {
        if self.groups.get(group).is_none_or(|rows| *rows == 0) {
            return Ok(());
        }
        let mut number: usize = self.groups.iter().take(group).sum();
        let at = |number: usize, error: Error| error.at(format!("{}: row {}", self.name, number + 1));
        let reader = guarded(|| self.reader.get_row_group(group)).map_err(|reason| at(number, broken(&reason)))?;
        let projection = self.found.projection.clone();
        let mut iterator = guarded(|| RowIter::from_row_group(Some(projection), &*reader))
            .map_err(|reason| at(number, broken(&reason)))?;
        let (mut taken, mut read) = (0, 0);
        while taken < rows && read < bytes {
            let row = guarded(|| iterator.next().transpose()).map_err(|reason| at(number, broken(&reason)))?;
            let Some(row) = row else { break };
            let cells = row.into_columns().into_iter();
            let cells = cells.map(|(column, field)| value::of(&column, field).map(|value| (column, value)));
            let cells: Map<_, _> = cells.collect::<Result<_>>().map_err(|error| at(number, error))?;
            taken += 1;
            number += 1;
            read += cells.values().map(value::size).sum::<u64>();
            seen.take_in(&Row::numbered(self.name, number, &cells, &self.found.names));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::look as look_at;
    use super::*;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/data").join(name)
    }

    fn look(name: &str, columns: &[(&str, Role)]) -> Result<Seen> {
        let columns: Vec<(String, Role)> = columns.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect();
        look_at(name, &fixture(name), Extent::Sample, &columns)
    }

    #[test]
    fn the_rows_of_all_groups_are_seen_with_their_numbers() {
        let seen = look("reviews.parquet", &[("text", Role::Text), ("label", Role::Label)]).unwrap();
        assert_eq!((seen.rows, seen.complete, seen.numbered), (Some(4), true, true));
        let labels = seen.columns[1].values.kept();
        let labels: Vec<(i128, usize, usize)> =
            labels.iter().map(|label| (label.whole, label.line, label.rows)).collect();
        assert_eq!(labels, [(2, 1, 1), (1, 2, 1), (0, 3, 2)]);
    }

    #[test]
    fn a_column_that_is_not_there_is_told_with_those_that_are() {
        let seen = look("categories.parquet", &[("txt", Role::Text)]).unwrap();
        let missing = seen.columns[0].missing.as_ref().unwrap();
        let help = seen.columns[0].help(missing);
        assert!(help.starts_with("did you mean `text`? Rename the column"), "{help}");
        assert!(help.ends_with("its columns are `text`, `label`, `score`, `when`"), "{help}");
        assert_eq!(seen.rows, Some(4));
    }

    #[test]
    fn a_column_that_no_field_can_hold_is_refused_and_others_are_not_looked_at() {
        let message = look("categories.parquet", &[("when", Role::Extra)]).unwrap_err().to_string();
        assert!(message.starts_with("categories.parquet: `when` holds times, which no field can hold\n"), "{message}");
        look("categories.parquet", &[("text", Role::Text), ("label", Role::Label)]).unwrap();
    }

    #[test]
    fn the_core_refuses_in_the_same_words() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/inspect/parquet");
        let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trainer-core/src/data/read/parquet");
        for name in ["columns.rs", "failure.rs", "value.rs"] {
            assert_eq!(
                fs::read_to_string(here.join(name)).unwrap(),
                fs::read_to_string(there.join(name)).unwrap(),
                "{name}"
            );
        }
    }
}
