//! The committed summary of a data file that is not in the repository.
//!
//! What comes in: a data file that the struct reads without a mistake. What goes out: `train.schema.json` beside
//! `train.jsonl`, which `#[derive(Example)]` reads in the file's place where the file is missing, so that a clone without
//! the data is checked as one with it. It holds the columns, the kinds of their values with the first line of each, how
//! many rows there are, and each label with its count; of the texts that a model reads it holds nothing. It refuses a file that
//! the struct does not fit.
//!
//! `values` and `lists` are copies of the macros' files: the summary holds what the macros would have seen.

mod column;
mod compare;
mod fingerprint;
mod json;
mod lists;
#[expect(dead_code, reason = "the file is a copy of the macros', which read these too")]
mod values;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::column::ColumnSeen;
pub(super) use self::compare::difference;
use self::fingerprint::Fingerprint;
use super::dataset::resolve;
use super::read::{self, Format};
use super::{Dataset, Example};
use crate::error::{Error, ErrorKind, Result};

/// The shape of the summary that this version writes and reads.
const VERSION: u64 = 1;

impl<E: Example> Dataset<E> {
    /// Writes the summaries of the files that the struct names as `train`, `eval` and `test`, into the crate's own folder,
    /// where the compiler looks for them; answers with their paths. Commit them with the source.
    ///
    /// A summary is `data/train.schema.json` for `data/train.jsonl`: columns, kinds of values, counts, and labels. It has
    /// no text of a `text` column; those of an `extra` column are in it only where it has at most 50 different ones. Where the data file is not there, `#[derive(Example)]` checks the struct against it; where
    /// it is, it is checked itself. [`train`](Self::train), [`eval`](Self::eval) and [`test`](Self::test) compare
    /// the file with its summary by its SHA-256, and say in a note if it is another one: the rows have just been checked one
    /// by one, so that what the compiler has checked was an older file, but nothing is wrong with this one.
    ///
    /// # Errors
    /// For a struct that names no file, a file that is not there or does not fit the struct, two files whose names differ
    /// only in their extension, and a folder that cannot be written.
    pub fn write_summaries() -> Result<Vec<PathBuf>> {
        let files: Vec<&str> = [E::FILES.train, E::FILES.eval, E::FILES.test].into_iter().flatten().collect();
        if files.is_empty() {
            return Err(Error::new(ErrorKind::Data, format!("`{}` names no data file", E::NAME))
                .help("write `#[example(train = \"data/train.jsonl\")]` on the struct"));
        }
        let mut written: Vec<(PathBuf, &str)> = Vec::new();
        for file in files {
            let summary = committed(file, E::FILES.manifest_dir);
            match written.iter().find(|(known, _)| *known == summary) {
                Some((_, other)) if *other == file => continue,
                Some((_, other)) => {
                    let what = format!("`{other}` and `{file}` have the same summary, `{}`", summary.display());
                    return Err(Error::new(ErrorKind::Data, what).help("give one of them another name"));
                }
                None => {}
            }
            write::<E>(&resolve(file, E::FILES.manifest_dir)?, &summary)?;
            written.push((summary, file));
        }
        Ok(written.into_iter().map(|(summary, _)| summary).collect())
    }

    /// Writes the summary of any data file beside it, for one that is named as `file` on the struct; answers with its path.
    ///
    /// # Errors
    /// As [`write_summaries`](Self::write_summaries).
    pub fn write_summary(file: impl AsRef<Path>) -> Result<PathBuf> {
        let summary = file.as_ref().with_extension(EXTENSION);
        write::<E>(file.as_ref(), &summary)?;
        Ok(summary)
    }

    /// Whether the program was called with the one argument `schema`; then the summaries are written, and their paths printed.
    ///
    /// The first line of `main`, before the command line is read as arguments:
    ///
    /// ```no_run
    /// # use trainer_core::prelude::*;
    /// # #[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
    /// # enum Rating { Bad, Good }
    /// # #[derive(Example)]
    /// # struct Review { text: String, #[example(label)] rating: Rating }
    /// fn main() -> trainer_core::Result<()> {
    ///     if Dataset::<Review>::schema_command()? {
    ///         return Ok(());
    ///     }
    ///     // …
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`write_summaries`](Self::write_summaries).
    pub fn schema_command() -> Result<bool> {
        let mut arguments = std::env::args_os().skip(1);
        if arguments.next().is_none_or(|first| first != "schema") || arguments.next().is_some() {
            return Ok(false);
        }
        for summary in Self::write_summaries()? {
            println!("wrote {}", summary.display());
        }
        Ok(true)
    }
}

/// What replaces the extension of a data file in the name of its summary.
const EXTENSION: &str = "schema.json";

/// Where the compiler looks for the summary of `file`; beside it in the working directory, if the crate has gone away.
pub(super) fn committed(file: &str, manifest_dir: &str) -> PathBuf {
    let root = Some(Path::new(manifest_dir)).filter(|root| root.is_dir()).unwrap_or(Path::new(""));
    root.join(file).with_extension(EXTENSION)
}

fn write<E: Example>(data: &Path, summary: &Path) -> Result<()> {
    let before = Fingerprint::of(data)?;
    let seen = look::<E>(data, &before)?;
    if Fingerprint::of(data)? != before {
        return Err(Error::new(ErrorKind::Data, format!("`{}` changed while it was read", data.display())));
    }
    let folder = summary.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder).map_err(|source| Error::io("make", folder, source))?;
    let beside = summary.with_extension("json.new");
    std::fs::write(&beside, json::pretty(&seen)).map_err(|source| Error::io("write", &beside, source))?;
    std::fs::rename(&beside, summary).map_err(|source| Error::io("write", summary, source))
}

/// The summary of the file, all rows of which fit the struct.
fn look<E: Example>(data: &Path, fingerprint: &Fingerprint) -> Result<Value> {
    let format = Format::of(data)?;
    let mut columns: Vec<ColumnSeen> = E::FIELDS.iter().map(ColumnSeen::new).collect();
    let dataset = read::read_seen::<E>(data, format, &mut |row| {
        for column in &mut columns {
            column.take_in(row);
        }
    })?;
    let unused = dataset.unused_columns().iter().map(|column| json!({ "name": column.name, "rows": column.rows }));
    let characters = matches!(format, Format::CommaSeparated | Format::TabSeparated);
    Ok(json!({
        "version": VERSION,
        "file": data.file_name().unwrap_or_default().to_string_lossy(),
        "bytes": fingerprint.bytes,
        "sha256": fingerprint.sha256,
        "rows": dataset.len(),
        "columns": columns.iter().map(|column| json::column(column, characters)).collect::<Vec<_>>(),
        "unused": unused.collect::<Vec<_>>(),
    }))
}
