//! One JSON object as the cells of a row.

use std::fmt;

use super::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Error, ErrorKind, Result};

/// Where an object begins in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'a> {
    /// The file, as it was named.
    pub(super) file: &'a str,
    /// The line, from 1.
    pub(super) line: usize,
    /// How many bytes of that line stand before it.
    pub(super) indent: usize,
}

/// Reads the object that is `text`.
///
/// # Errors
/// Text that is not JSON, or ends within it, with line and column; another JSON value than an object; a key written twice.
pub(super) fn read(text: &str, start: Start<'_>) -> Result<Map<String, Value>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let object = if text.trim_start().starts_with('{') {
        Object.deserialize(&mut deserializer)
    } else {
        let other = Deserialize::deserialize(&mut deserializer);
        match other.and_then(|value: Value| deserializer.end().map(|()| value)) {
            Ok(value) => return Err(no_object(&value).at(format!("{}:{}", start.file, start.line))),
            Err(error) => Err(error),
        }
    };
    object.and_then(|cells| deserializer.end().map(|()| cells)).map_err(|error| not_json(text, start, &error))
}

fn no_object(value: &Value) -> Error {
    let what = match value {
        Value::Null => "`null`",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Error::new(ErrorKind::Data, format!("this row is {what}, expected a JSON object"))
        .help("one object a row, such as `{\"text\": \"…\", \"label\": \"…\"}`")
}

/// The error for an array where a line should be an object; it may go on over many lines.
pub(super) fn array_of_the_file() -> Error {
    Error::new(ErrorKind::Data, "this row is an array, expected a JSON object")
        .help("one array over the whole file is `.json`: read it with `Dataset::from_json`")
}

/// The error of the parser, at its place in the file.
fn not_json(text: &str, start: Start<'_>, error: &serde_json::Error) -> Error {
    // The parser counts from where the object begins, and ends its messages with line and column.
    let column = if error.line() <= 1 { start.indent + error.column() } else { error.column() };
    let place = format!("{}:{}:{column}", start.file, start.line + error.line().saturating_sub(1));
    let message = error.to_string();
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    if error.is_eof() {
        return Error::new(ErrorKind::Data, format!("the JSON ends too early: {reason}"))
            .help("the row is cut off, or a quote or bracket is not closed")
            .at(place);
    }
    let report = Error::new(ErrorKind::Data, format!("this is not JSON: {reason}"));
    let report = match not_a_number(text, error) {
        Some(name) => report.help(format!("JSON has no `{name}`: leave the row out, or write a number or `null`")),
        None => report,
    };
    report.at(place)
}

/// The name of a number that is not finite, where the parser stopped; Python's `json` writes these.
fn not_a_number(text: &str, error: &serde_json::Error) -> Option<&'static str> {
    let line = text.lines().nth(error.line().checked_sub(1)?)?.as_bytes();
    let here = line.get(error.column().saturating_sub(2)..)?;
    ["NaN", "Infinity"]
        .into_iter()
        .find(|name| (0..=1).any(|step| here.get(step..).is_some_and(|rest| rest.starts_with(name.as_bytes()))))
}

/// Reads an object and refuses a key that it has twice, of which only the last would be seen.
struct Object;

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut cells = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if cells.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
            let value = entries.next_value()?;
            cells.insert(key, value);
        }
        Ok(cells)
    }
}
