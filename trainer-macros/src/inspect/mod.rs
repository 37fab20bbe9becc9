//! Data files are looked at while compiling.
//!
//! What comes in: the path in an attribute, and the columns that the fields are read from. What goes out: [`Seen`], what
//! the compiler has to compare with the fields' types, or why the file cannot be read at all. Unless told to, it looks at
//! no more of a file than a mebibyte and the rest of the row there, and it never writes.

mod error;
mod lists;
mod marks;
pub(crate) mod model;
#[expect(unreachable_pub, reason = "the file is a copy of the core's, where it is public")]
mod nearest;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod root;
mod sample;
mod seen;
mod summary;
#[cfg(test)]
mod tests;
mod values;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

pub(crate) use self::error::{Error, ErrorKind, Result};
pub(crate) use self::lists::{Lists, Vector};
pub(crate) use self::nearest::nearest;
use self::read::Format;
pub(crate) use self::root::package_root;
pub(crate) use self::seen::{ColumnSeen, Seen, Unlike};
pub(crate) use self::summary::path_of as summary_of;
pub(crate) use self::values::{Kind, Value};
use crate::example::role::Role;

/// How much of a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every row.
    Full,
    /// Every row of a file of at most a mebibyte; of a larger one so much.
    Sample,
    /// Nothing.
    Off,
}

impl Extent {
    /// The extent that an attribute asks for, unless the environment turns all checks of data files off.
    pub(crate) fn in_force(self) -> Self {
        self.unless(std::env::var("TRAINER_DATA_CHECKS").ok().as_deref())
    }

    fn unless(self, environment: Option<&str>) -> Self {
        if is_turned_off(environment) { Self::Off } else { self }
    }
}

/// Whether this value of `TRAINER_DATA_CHECKS` turns all checks of files off: `off`, `false`, `no` or `0`.
pub(crate) fn is_turned_off(environment: Option<&str>) -> bool {
    let off = ["off", "false", "no", "0"];
    environment.is_some_and(|value| off.iter().any(|off| value.trim().eq_ignore_ascii_case(off)))
}

/// Looks at the file `name`, which is at `path`.
pub(crate) fn look(name: &str, path: &Path, extent: Extent, columns: &[(String, Role)]) -> Result<Seen> {
    let summary = summary::of(name, path).transpose()?;
    match summary {
        Some(summary) if !path.exists() => return summary.seen(name, columns),
        _ => {}
    }
    let size = size_of(name, path)?;
    let mut seen = look_at_file(name, path, size, extent, columns)?;
    if let Some(summary) = summary.filter(|summary| summary.bytes as u64 != size) {
        seen.outdated = Some(summary.of_another_file(name, size));
    }
    Ok(seen)
}

fn look_at_file(name: &str, path: &Path, size: u64, extent: Extent, columns: &[(String, Role)]) -> Result<Seen> {
    let format = Format::of(Path::new(name))?;
    if format == Format::Parquet {
        return look_at_parquet(name, path, size, extent, columns).and_then(with_rows);
    }
    let file = File::open(path).map_err(|source| Error::io("open", Path::new(name), source))?;
    let mut seen = Seen::new(name, format.has_characters(), columns);
    let is_sampled = extent != Extent::Full && size > sample::SAMPLE;
    match (is_sampled, format) {
        (false, _) => {
            read::rows(BufReader::with_capacity(1 << 16, file), format, name, &mut |row| {
                seen.take_in(row);
                Ok(())
            })?;
            seen.rows = Some(seen.taken_in());
            seen.complete = true;
        }
        (true, Format::JsonArray) => look_at_the_beginning(file, format, &mut seen)?,
        (true, _) => {
            let reader = BufReader::with_capacity(1 << 16, file);
            let sample =
                sample::taken(reader, size, format).map_err(|source| Error::io("read", Path::new(name), source))?;
            read::rows(sample.text.as_slice(), format, name, &mut |row| {
                seen.take_in(row);
                Ok(())
            })?;
            seen.rows = sample.rows;
        }
    }
    with_rows(seen)
}

fn with_rows(seen: Seen) -> Result<Seen> {
    // Rows that are too long to be looked at are rows.
    match seen.rows {
        Some(0) => Err(Error::new(ErrorKind::Data, format!("`{}` has no rows", seen.file)).help(read::shown::NO_ROWS)),
        _ => Ok(seen),
    }
}

#[cfg(feature = "parquet")]
use self::parquet::look as look_at_parquet;

#[cfg(not(feature = "parquet"))]
fn look_at_parquet(name: &str, _: &Path, _: u64, _: Extent, _: &[(String, Role)]) -> Result<Seen> {
    Err(Error::new(ErrorKind::Data, format!("`{name}` is Parquet, which needs the feature `parquet`"))
        .help("switch it on in `Cargo.toml`: `trainer-core = { …, features = [\"parquet\"] }`"))
}

/// Takes in rows up to a mebibyte: a JSON array has no lines by which a later row could be found. A row that goes on and on
/// is not read to its end.
fn look_at_the_beginning(file: File, format: Format, seen: &mut Seen) -> Result<()> {
    let passed = Rc::new(Cell::new(0));
    let counted = Counted { inner: file, passed: Rc::clone(&passed), most: sample::LONGEST };
    let reader = BufReader::with_capacity(1 << 14, counted);
    let (name, mut is_enough) = (seen.file.clone(), false);
    let outcome = read::rows(reader, format, &name, &mut |row| {
        seen.take_in(row);
        is_enough = passed.get() > sample::SAMPLE;
        if is_enough { Err(Error::new(ErrorKind::Data, "enough was seen")) } else { Ok(()) }
    });
    if is_enough || passed.get() > sample::LONGEST {
        return Ok(());
    }
    seen.rows = Some(seen.taken_in());
    outcome
}

/// Counts the bytes that were read, and stops behind the most that may be.
struct Counted<R> {
    inner: R,
    passed: Rc<Cell<u64>>,
    most: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.passed.get() > self.most {
            return Err(io::Error::other("enough was read"));
        }
        let count = self.inner.read(buffer)?;
        self.passed.set(self.passed.get() + count as u64);
        Ok(count)
    }
}

fn size_of(name: &str, path: &Path) -> Result<u64> {
    match path.metadata() {
        Ok(found) if found.is_dir() => Err(Error::new(ErrorKind::Io, format!("`{name}` is a folder, expected a file"))),
        // A pipe or a device would be read for ever.
        Ok(found) if !found.is_file() => {
            Err(Error::new(ErrorKind::Io, format!("`{name}` is a pipe or a device, expected a file")))
        }
        Ok(found) => Ok(found.len()),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Err(not_there(name, path)),
        Err(source) => Err(Error::io("read", Path::new(name), source)),
    }
}

fn not_there(name: &str, path: &Path) -> Error {
    let error = Error::new(ErrorKind::Io, format!("there is no file `{name}`"));
    let folder = path.parent().unwrap_or(Path::new(""));
    let error = match near_file(name, path, folder) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    };
    let is_of_the_hub = read::shown::is_name_of_the_hub(Path::new(name), folder);
    let error = if is_of_the_hub { error.help(read::shown::NO_HUB) } else { error };
    let error = error.help(format!("looked for `{}`", path.display()));
    match folder.ancestors().find(|folder| folder.is_dir()) {
        Some(there) if there != folder => error.help(format!("`{}` has no such folder", there.display())),
        _ => error,
    }
}

/// The file of that folder whose name is nearest, as the attribute would name it.
fn near_file(name: &str, path: &Path, folder: &Path) -> Option<String> {
    let entries = folder.read_dir().ok()?.flatten();
    let mut files: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    files.sort();
    let written = path.file_name()?.to_str()?;
    let near = nearest(written, files.iter().map(String::as_str))?;
    Some(Path::new(name).with_file_name(near).display().to_string())
}

#[cfg(all(test, not(feature = "parquet")))]
mod without_parquet {
    use super::*;

    #[test]
    fn a_parquet_file_needs_the_feature_and_is_told_so() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/data/reviews.parquet");
        let message = look("data/train.parquet", &file, Extent::Sample, &[]).unwrap_err().to_string();
        assert_eq!(
            message,
            "`data/train.parquet` is Parquet, which needs the feature `parquet`\nhelp: switch it on in `Cargo.toml`: `trainer-core = { …, features = [\"parquet\"] }`"
        );
    }
}
