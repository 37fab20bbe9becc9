//! Values of a data file as messages show them.

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

/// A text in quotes, cut to what fits in a message.
pub(in super::super) fn text(text: &str) -> String {
    /// The longest value that a message quotes, in characters.
    const EXCERPT: usize = 60;
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{:?}", format!("{}…", text.get(..end).unwrap_or(text))),
        None => format!("{text:?}"),
    }
}

/// What helps where a row with these `columns` has no column `name`.
pub(in super::super) fn without_column<'a>(name: &str, columns: impl Iterator<Item = &'a str>) -> Vec<String> {
    let columns: Vec<&str> = columns.collect();
    let near = nearest(name, columns.iter().copied()).map(|near| {
        format!("did you mean `{near}`? Rename the column, or write `#[example(column = \"{near}\")]` on the field")
    });
    let all = if columns.is_empty() {
        "it has no columns at all".to_owned()
    } else {
        format!("its columns are {}", quoted(&columns))
    };
    near.into_iter().chain([all]).collect()
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
