//! The classes that a file itself says its numbers mean.
//!
//! The `datasets` library of Hugging Face writes, into the footer of each file, the features of its columns as JSON: for
//! a `ClassLabel` the names in the order of their numbers. Where these are the struct's classes in another order, every
//! label would be read as a wrong class, and nothing else would tell.

use parquet::file::metadata::ParquetMetaData;
use serde_json::Value;

use super::{Error, ErrorKind, Result};
use crate::data::LabelSet;

/// The key that `datasets` writes its features under.
const KEY: &str = "huggingface";

/// Compares the names that the file gives the numbers in `column` with the classes of the struct.
///
/// # Errors
/// The same names in another order. Names that differ are said and no more: `neg` may well be `Negative`.
pub(super) fn check(metadata: &ParquetMetaData, column: &str, classes: &LabelSet) -> Result<()> {
    let Some(names) = names(metadata, column) else { return Ok(()) };
    let fold = |name: &str| name.to_lowercase().replace([' ', '-'], "_");
    let theirs: Vec<String> = names.iter().map(|name| fold(name)).collect();
    let ours: Vec<String> = classes.names.iter().map(|name| fold(name)).collect();
    if theirs == ours {
        return Ok(());
    }
    let (in_file, in_struct) = (names.join(", "), classes.names.join(", "));
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    if sorted(theirs) == sorted(ours) {
        let what =
            format!("`{column}` numbers its classes {in_file}, but `{}` has the order {in_struct}", classes.type_name);
        return Err(
            Error::new(ErrorKind::Label, what).help("write the variants in the order of the file, counted from 0")
        );
    }
    crate::note(format!(
        "the file says that the numbers in `{column}` are {in_file}; they are read as the classes of `{}`: {in_struct}",
        classes.type_name
    ));
    Ok(())
}

/// The names of the classes of `column`, or of the elements of its lists.
fn names(metadata: &ParquetMetaData, column: &str) -> Option<Vec<String>> {
    let entries = metadata.file_metadata().key_value_metadata()?;
    let written = entries.iter().find(|entry| entry.key == KEY)?.value.as_ref()?;
    let features: Value = serde_json::from_str(written).ok()?;
    let feature = features.get("info")?.get("features")?.get(column)?;
    let feature = feature.get("feature").unwrap_or(feature);
    let names = feature.get("names")?.as_array()?;
    names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}
