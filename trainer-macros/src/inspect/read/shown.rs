//! Values of a data file as messages show them.

use std::path::Path;

use serde_json::Value;

use super::nearest;

/// The value as the file spells it, cut to what fits in a message.
pub(in super::super) fn json(value: &Value) -> String {
    match value {
        Value::String(written) => text(written),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// What helps where a file has no rows.
pub(in super::super) const NO_ROWS: &str =
    "write at least one row: a JSON object in `.jsonl` and `.json`, a line below the header in `.csv` and `.tsv`";

/// What helps where a data set of the hub is named in place of a file.
pub(in super::super) const NO_HUB: &str = "a data set of the hub is read when the program runs: `Dataset::from_hub(\"owner/name\", \"train\")?`; a file is named by its path, such as `data/train.jsonl`";

/// Whether `path`, which is not there, looks like the name of a data set: no extension, and no folder that is there.
pub(in super::super) fn is_name_of_the_hub(path: &Path, folder: &Path) -> bool {
    let is_bare = path.parent().is_none_or(|parent| parent.as_os_str().is_empty());
    path.extension().is_none() && (is_bare || !folder.is_dir())
}

/// A text in quotes, cut to what fits in a message.
pub(in super::super) fn text(text: &str) -> String {
    /// The longest value that a message quotes, in characters.
    const EXCERPT: usize = 60;
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{:?}", format!("{}…", text.get(..end).unwrap_or(text))),
        None => format!("{text:?}"),
    }
}

/// What helps where a row with these `columns` has no column `name`; whether other rows are known to have it.
pub(in super::super) fn without_column<'a>(
    name: &str,
    columns: impl Iterator<Item = &'a str>,
    others_have_it: bool,
) -> Vec<String> {
    let columns: Vec<&str> = columns.collect();
    let first = match nearest(name, columns.iter().copied()) {
        Some(near) if others_have_it => format!("did you mean `{near}`? Write `{name}` in this row, as other rows do"),
        Some(near) => {
            format!("did you mean `{near}`? Rename the column, or write `#[example(column = \"{near}\")]` on the field")
        }
        None if others_have_it => format!("other rows have `{name}`: write it in this row too, or leave the row out"),
        None => "where the column has another name, write `#[example(column = \"…\")]` on the field".to_owned(),
    };
    if columns.is_empty() {
        return vec!["it has no columns at all".to_owned()];
    }
    vec![first, format!("its columns are {}", quoted(&columns))]
}

/// The names in backticks, with commas; only as many as someone reads.
fn quoted(names: &[&str]) -> String {
    const SHOWN: usize = 20;
    let mut list: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        list.push(format!("and {} more", names.len() - SHOWN));
    }
    list.join(", ")
}
