//! A data set: examples in the order of their file, each with the place it came from.
//!
//! What comes in: a data file ([`read`](super::read)), or examples made in the program. What goes out: examples by
//! position, and parts of the set. It holds all examples in memory and drops none.

use std::ops::Index;
use std::path::{Path, PathBuf};

use super::check::check_example;
use super::read::{self, Format, shown};
use super::summary;
use super::{Example, UnusedColumn};
use crate::error::{Error, ErrorKind, Result};
use crate::hub;

/// Examples in the order of their file.
#[derive(Clone, Debug)]
pub struct Dataset<E> {
    pub(super) examples: Vec<E>,
    /// The file that the examples come from, as it was named; `None` when they were made in the program.
    pub(super) file: Option<String>,
    pub(super) counted: Counted,
    /// For each example its line in the file, from 1, or its row; or its number in the program's list, from 0.
    pub(super) lines: Vec<usize>,
    pub(super) unused: Vec<UnusedColumn>,
}

/// What tells the examples of a file apart in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// The line that they begin on.
    Lines,
    /// Their number, in a file that has no lines.
    Rows,
}

impl<E: Example> Dataset<E> {
    /// The training file named on the struct: from the working directory if it is there, else from the crate's own.
    pub fn train() -> Result<Self> {
        Self::named("train", E::FILES.train)
    }

    /// The evaluation file named on the struct.
    pub fn eval() -> Result<Self> {
        Self::named("eval", E::FILES.eval)
    }

    /// The test file named on the struct.
    pub fn test() -> Result<Self> {
        Self::named("test", E::FILES.test)
    }

    /// A file with one JSON object a line.
    ///
    /// # Errors
    /// A file that is missing, empty or not UTF-8; JSON that is cut off or no object; a row that does not fit the struct,
    /// an empty text, masks of another length than their tokens. All name the line.
    pub fn from_jsonl(path: impl AsRef<Path>) -> Result<Self> {
        read::read(path.as_ref(), Format::JsonLines)
    }

    /// A file with one JSON array of objects; errors as for [`from_jsonl`](Self::from_jsonl).
    pub fn from_json(path: impl AsRef<Path>) -> Result<Self> {
        read::read(path.as_ref(), Format::JsonArray)
    }

    /// A file with comma-separated fields and a header; errors as for [`from_jsonl`](Self::from_jsonl), and for a row
    /// with another number of fields, a column named twice, and a quote that is never closed.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self> {
        read::read(path.as_ref(), Format::CommaSeparated)
    }

    /// A file with tab-separated fields and a header, quoted as in CSV; errors as for [`from_csv`](Self::from_csv).
    pub fn from_tsv(path: impl AsRef<Path>) -> Result<Self> {
        read::read(path.as_ref(), Format::TabSeparated)
    }

    /// A Parquet file; needs the feature `parquet`. Only the columns that the struct has are decoded.
    ///
    /// Text, numbers, truth values, lists and structs are read, in pages that are plain, dictionary-encoded, compressed
    /// with zstd or snappy, or not compressed. Numbers of a `ClassLabel`, as `datasets` writes them, are classes.
    ///
    /// # Errors
    /// As for [`from_jsonl`](Self::from_jsonl), with the number of the row, from 1, in place of the line; a file that is
    /// broken; a column that holds bytes, times, decimals or maps; another compression; numbers that the file's own list
    /// of classes gives to the struct's classes in another order.
    pub fn from_parquet(path: impl AsRef<Path>) -> Result<Self> {
        read::read(path.as_ref(), Format::Parquet)
    }

    /// A split of a data set on the Hugging Face hub, such as `train`; needs the features `hub` and `parquet`.
    ///
    /// Its Parquet files are downloaded once, into Hugging Face's own cache (`HF_HOME`, `HF_ENDPOINT`, `HF_TOKEN` and
    /// `HF_HUB_OFFLINE` are honoured), and then read from there. They are those of the repository's main revision; where it
    /// has none, those that the hub makes of it (the revision `refs/convert/parquet`). Which files make up a split is told
    /// from their names, as `datasets` does; what the data set's card says about files is not read.
    ///
    /// # Errors
    /// No such data set or split (with the splits that there are), several configurations, no connection; and as for
    /// [`from_parquet`](Self::from_parquet).
    pub fn from_hub(repo: impl AsRef<str>, split: impl AsRef<str>) -> Result<Self> {
        Self::of_the_hub(repo.as_ref(), None, split.as_ref())
    }

    /// As [`from_hub`](Self::from_hub), of a data set that has several configurations.
    ///
    /// # Errors
    /// As [`from_hub`](Self::from_hub); no such configuration, with those that there are.
    pub fn from_hub_config(repo: impl AsRef<str>, config: impl AsRef<str>, split: impl AsRef<str>) -> Result<Self> {
        Self::of_the_hub(repo.as_ref(), Some(config.as_ref()), split.as_ref())
    }

    /// The rows of all files of a split, numbered through.
    fn of_the_hub(repo: &str, config: Option<&str>, split: &str) -> Result<Self> {
        let files = hub::data_set(repo, config, split)?;
        let mut whole = Self { counted: Counted::Rows, ..Self::from_examples(Vec::new()) };
        for file in files {
            let part = Self::from_parquet(file)?;
            whole.examples.extend(part.examples);
            for column in part.unused {
                match whole.unused.iter_mut().find(|known| known.name == column.name) {
                    Some(known) => known.rows += column.rows,
                    None => whole.unused.push(column),
                }
            }
        }
        let config = config.map_or_else(String::new, |config| format!(" ({config})"));
        whole.file = Some(format!("{repo}{config}, {split}"));
        whole.lines = (1..=whole.examples.len()).collect();
        Ok(whole)
    }

    /// A file in the format that its extension names: `.jsonl` or `.ndjson`, `.json`, `.csv`, `.tsv`, `.parquet`.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        read::read(path, Format::of(path)?)
    }

    /// Examples made in the program; [`check`](Self::check) says whether a model can take them.
    pub fn from_examples(examples: Vec<E>) -> Self {
        let lines = (0..examples.len()).collect();
        Self { examples, file: None, counted: Counted::Lines, lines, unused: Vec::new() }
    }

    /// Whether every example can be trained on: the rules that reading a file applies to its rows.
    ///
    /// # Errors
    /// The first example with an empty text, no tokens, masks of another length than its tokens, or a number that is not
    /// finite.
    pub fn check(&self) -> Result<()> {
        let places = self.examples.iter().enumerate();
        places
            .into_iter()
            .try_for_each(|(row, example)| check_example(example).map_err(|error| error.at(self.place(row))))
    }

    /// The set of what `change` makes of each example; places stay.
    pub fn map<F: Example>(self, change: impl FnMut(E) -> F) -> Dataset<F> {
        let examples = self.examples.into_iter().map(change).collect();
        Dataset { examples, file: self.file, counted: self.counted, lines: self.lines, unused: self.unused }
    }

    fn named(split: &str, file: Option<&'static str>) -> Result<Self> {
        let Some(file) = file else {
            return Err(Error::new(ErrorKind::Data, format!("`{}` names no {split} file", E::NAME))
                .help(format!("write `#[example({split} = \"data/{split}.jsonl\")]` on the struct, or read a file with `Dataset::from_file`")));
        };
        let path = resolve(file, E::FILES.manifest_dir)?;
        let read = Self::from_file(&path);
        let Some(difference) = summary::difference(&path, file, E::FILES.manifest_dir) else { return read };
        if read.is_ok() {
            let help = "its rows fit; write the summary anew with `Dataset::write_summaries`";
            crate::note(format!("{difference}\nhelp: {help}"));
        }
        // Where the compiler found nothing wrong with the file, this is why.
        read.map_err(|error| error.help(difference))
    }
}

impl<E> Dataset<E> {
    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// The example at `row`, from 0.
    pub fn get(&self, row: usize) -> Option<&E> {
        self.examples.get(row)
    }

    /// The examples in order.
    pub fn iter(&self) -> std::slice::Iter<'_, E> {
        self.examples.iter()
    }

    /// The examples in order, as a slice.
    pub fn examples(&self) -> &[E] {
        &self.examples
    }

    /// Where the example at `row` comes from, to name it in a message: `data/train.jsonl:812`, `data/train.parquet: row 812`
    /// (from 1), or `example 811` (from 0) when it was made in the program.
    pub fn place(&self, row: usize) -> String {
        match (&self.file, self.lines.get(row)) {
            (Some(file), Some(line)) if self.counted == Counted::Lines => format!("{file}:{line}"),
            (Some(file), Some(number)) => format!("{file}: row {number}"),
            (None, Some(number)) => format!("example {number}"),
            (_, None) => format!("row {row}"),
        }
    }

    /// The file that the examples come from, as it was named.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The columns of the file that no field of the struct takes, in the order of their first row.
    pub fn unused_columns(&self) -> &[UnusedColumn] {
        &self.unused
    }

    /// The examples that `keep` says yes to; places stay.
    pub fn filter(self, mut keep: impl FnMut(&E) -> bool) -> Self {
        let rows = self.examples.into_iter().zip(self.lines);
        let (examples, lines) = rows.filter(|(example, _)| keep(example)).unzip();
        Self { examples, file: self.file, counted: self.counted, lines, unused: self.unused }
    }
}

/// The file in the working directory if it is there, else in the crate's folder.
pub(super) fn resolve(file: &str, manifest_dir: &str) -> Result<PathBuf> {
    let here = PathBuf::from(file);
    let there = Path::new(manifest_dir).join(file);
    if here.exists() {
        Ok(here)
    } else if there.exists() {
        Ok(there)
    } else {
        let working = std::env::current_dir().map(|dir| format!("`{}`, the working directory, and in ", dir.display()));
        let error = Error::new(ErrorKind::Data, format!("there is no file `{file}`"));
        let is_of_the_hub = shown::is_name_of_the_hub(Path::new(file), there.parent().unwrap_or(Path::new("")));
        let error = if is_of_the_hub { error.help(shown::NO_HUB) } else { error };
        Err(error.help(format!("looked in {}`{manifest_dir}`, the crate's own folder", working.unwrap_or_default())))
    }
}

impl<E> Index<usize> for Dataset<E> {
    type Output = E;

    /// The example at `row`; panics past the end, as a slice does.
    fn index(&self, row: usize) -> &E {
        &self.examples[row]
    }
}

impl<'a, E> IntoIterator for &'a Dataset<E> {
    type Item = &'a E;
    type IntoIter = std::slice::Iter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<E: Example> FromIterator<E> for Dataset<E> {
    fn from_iter<I: IntoIterator<Item = E>>(examples: I) -> Self {
        Self::from_examples(examples.into_iter().collect())
    }
}
