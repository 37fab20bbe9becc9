//! The committed summary of a data file, in the place of a file that is not there.
//!
//! What comes in: `data/train.schema.json`, which the core wrote from `data/train.jsonl`. What goes out: what would have
//! been seen in the file, and what the summary cannot tell. It refuses JSON that is no such summary, with the part of it
//! that is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::lists::{Lists, Vector};
use super::read::{Format, shown};
use super::seen::{ColumnSeen, Missing, Seen};
use super::values::{Found, Kind, Value, Values};
use super::{Error, ErrorKind, Result};
use crate::example::role::{ROLES, Role};

/// The shape of a summary that this version reads.
const VERSION: usize = 1;
/// What replaces the extension of a data file in the name of its summary.
const EXTENSION: &str = "schema.json";

/// A summary as it was read.
pub(crate) struct Summary {
    /// Its path, as the attribute would name it.
    shown: String,
    json: Json,
    /// How many bytes the data file had.
    pub(crate) bytes: usize,
}

/// Where the summary of the data file at `path` is.
pub(crate) fn path_of(path: &Path) -> PathBuf {
    path.with_extension(EXTENSION)
}

/// The summary of the data file `name`, which is or would be at `path`; `None` if there is none.
pub(super) fn of(name: &str, path: &Path) -> Option<Result<Summary>> {
    let at = path_of(path);
    at.is_file().then(|| read(&at, Path::new(name).with_extension(EXTENSION).display().to_string()))
}

fn read(at: &Path, shown: String) -> Result<Summary> {
    let text = fs::read_to_string(at).map_err(|source| Error::io("read", Path::new(&shown), source))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::new(ErrorKind::Data, "this summary of a data file is not JSON")
            .help(WRITE_ANEW)
            .at(format!("{shown}:{line}:{column}"))
    })?;
    let root = Part { json: &json, path: String::new() };
    let version = root.number("version").map_err(|error| error.at(&shown))?;
    if version != VERSION {
        let what = format!("this summary has version {version}, and version {VERSION} is read here");
        return Err(Error::new(ErrorKind::Data, what).help(WRITE_ANEW).at(&shown));
    }
    let bytes = root.number("bytes").map_err(|error| error.at(&shown))?;
    Ok(Summary { shown, json, bytes })
}

const WRITE_ANEW: &str =
    "write it anew with `Dataset::write_summaries`, which the examples do for the argument `schema`";

impl Summary {
    /// What was seen in the data file `name` when the summary was written.
    pub(super) fn seen(&self, name: &str, columns: &[(String, Role)]) -> Result<Seen> {
        self.read_seen(name, columns).map_err(|error| error.at(&self.shown))
    }

    /// What to say of a data file that has another length now.
    pub(super) fn of_another_file(&self, name: &str, bytes: u64) -> String {
        let Self { shown, bytes: then, .. } = self;
        format!("`{name}` has {bytes} bytes, but `{shown}` was written when it had {then}; {WRITE_ANEW}")
    }

    fn read_seen(&self, name: &str, columns: &[(String, Role)]) -> Result<Seen> {
        let root = Part { json: &self.json, path: String::new() };
        let format = Format::of(Path::new(name))?;
        let written_as = root.text("file")?;
        if Path::new(name).file_name().and_then(|name| name.to_str()) != Some(written_as) {
            let what = format!("this is the summary of `{written_as}`, not of `{name}`");
            return Err(Error::new(ErrorKind::Data, what).help(WRITE_ANEW));
        }
        let characters = format.has_characters();
        let summary = Path::new(&self.shown).file_name().unwrap_or_default().display();
        let mut seen = Seen::new(&format!("by {summary}, {name}"), characters, columns);
        seen.numbered = format == Format::Parquet;
        seen.rows = Some(root.number("rows")?);
        seen.complete = true;
        let known = root.list("columns")?;
        let unused = root.list("unused")?;
        let names: Vec<&str> = known.iter().chain(&unused).map(|part| part.text("name")).collect::<Result<_>>()?;
        let mut untold = Vec::new();
        for column in &mut seen.columns {
            let part = known.iter().find(|part| part.text("name").is_ok_and(|name| name == column.name));
            match part {
                Some(part) if !column.read(part, characters)? => untold.push(format!("`{}`", column.name)),
                Some(_) => {}
                None if names.contains(&column.name.as_str()) => untold.push(format!("`{}`", column.name)),
                None => {
                    let columns = names.iter().map(|name| (*name).to_owned()).collect();
                    column.missing = Some(Missing { line: 1, rows: 1, columns });
                }
            }
        }
        if !untold.is_empty() {
            let columns = untold.join(", ");
            let note =
                format!("`{}` does not say what is in {columns}, which is not checked; {WRITE_ANEW}", self.shown);
            seen.outdated = Some(note);
        }
        Ok(seen)
    }
}

/// What a field with this role keeps of its values: only fields of one kind can be told from each other's summary.
fn keeps(role: Role) -> &'static str {
    match role {
        text if text.is_text() => "texts",
        label if label.is_label() => "labels",
        _ => "others",
    }
}

impl ColumnSeen {
    /// Reads what the summary says of the column; whether it says what this field needs.
    fn read(&mut self, part: &Part<'_>, characters: bool) -> Result<bool> {
        self.missing = part.optional("missing").map(|missing| missing_of(&missing)).transpose()?;
        let role = part.text("role")?;
        let role = ROLES.iter().find(|(name, _)| *name == role).map(|(_, role)| *role);
        let role = role.ok_or_else(|| part.wrong("role", "a role of a field"))?;
        let labels = part.optional("labels").is_some();
        if keeps(role) != keeps(self.role) || (keeps(role) == "labels" && !labels) {
            return Ok(false);
        }
        self.values = values_of(part, characters)?;
        self.lists = part.optional("lists").map(|lists| lists_of(&lists)).transpose()?;
        Ok(true)
    }
}

fn missing_of(part: &Part<'_>) -> Result<Missing> {
    let columns = part.list("columns")?;
    let columns = columns.iter().map(|name| name.as_text().map(str::to_owned)).collect::<Result<_>>()?;
    Ok(Missing { line: part.number("line")?, rows: part.number("rows")?, columns })
}

fn values_of(part: &Part<'_>, characters: bool) -> Result<Values> {
    let labels = part.optional("labels").map(|labels| labels.as_text()).transpose()?;
    let values = part.list("values")?;
    let values: Vec<Value> = values.iter().map(|value| value_of(value, characters)).collect::<Result<_>>()?;
    Ok(Values::of_summary(values, labels.is_some(), labels == Some("all")))
}

fn lists_of(part: &Part<'_>) -> Result<Lists> {
    let length = |name: &str| {
        let part = part.get(name)?;
        Ok((part.number("line")?, part.number("length")?))
    };
    let mut lists = Lists::new(part.optional("labels").is_some());
    lists.shortest = length("shortest")?;
    lists.longest = length("longest")?;
    lists.elements = values_of(part, false)?;
    lists.repeated = part.optional("repeated").map(|value| value_of(&value, false)).transpose()?;
    if part.optional("vectors").is_some() {
        lists.vectors = part.list("vectors")?.iter().map(vector_of).collect::<Result<_>>()?;
    }
    Ok(lists)
}

fn vector_of(part: &Part<'_>) -> Result<Vector> {
    let value = |name: &str| part.optional(name).map(|value| value_of(&value, false)).transpose();
    Ok(Vector {
        length: part.number("length")?,
        line: part.number("line")?,
        first: value_of(&part.get("first")?, false)?,
        odd: value("odd")?,
        repeated: value("repeated")?,
    })
}

fn value_of(part: &Part<'_>, characters: bool) -> Result<Value> {
    let kind = KINDS.iter().find(|(name, _)| part.text("kind").is_ok_and(|kind| kind == *name));
    let (_, kind) = kind.ok_or_else(|| part.wrong("kind", "a kind of value"))?;
    let line = part.number("line")?;
    let index = part.optional("index").map(|index| index.as_number()).transpose()?;
    let mut value = match part.optional("value") {
        Some(written) if characters => Found::characters(written.as_text()?, false).kept(line, index),
        Some(written) => Found::json(written.json).kept(line, index),
        None => {
            // The summary holds no text of the data but labels.
            let shown = match kind {
                Kind::Null if characters => "\"\"",
                Kind::Null => "null",
                Kind::List => "an array",
                Kind::Object => "an object",
                _ => "a text",
            };
            Value { shown: shown.to_owned(), ..Found::json(&Json::Null).kept(line, index) }
        }
    };
    value.kind = *kind;
    value.rows = part.number("rows")?;
    Ok(value)
}

const KINDS: [(&str, Kind); 8] = [
    ("null", Kind::Null),
    ("flag", Kind::Flag),
    ("whole", Kind::Whole),
    ("real", Kind::Real),
    ("text", Kind::Text),
    ("blank", Kind::Blank),
    ("list", Kind::List),
    ("object", Kind::Object),
];

/// A part of the summary, and how it is reached.
struct Part<'a> {
    json: &'a Json,
    path: String,
}

impl<'a> Part<'a> {
    fn optional(&self, name: &str) -> Option<Part<'a>> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        self.json.get(name).map(|json| Part { json, path })
    }

    fn get(&self, name: &str) -> Result<Part<'a>> {
        self.optional(name).ok_or_else(|| self.wrong(name, "something"))
    }

    fn list(&self, name: &str) -> Result<Vec<Part<'a>>> {
        let part = self.get(name)?;
        let values = part.json.as_array().ok_or_else(|| self.wrong(name, "a list"))?;
        let part = |(index, json)| Part { json, path: format!("{}[{index}]", part.path) };
        Ok(values.iter().enumerate().map(part).collect())
    }

    fn text(&self, name: &str) -> Result<&'a str> {
        self.get(name)?.as_text()
    }

    fn number(&self, name: &str) -> Result<usize> {
        self.get(name)?.as_number()
    }

    fn as_text(&self) -> Result<&'a str> {
        self.json.as_str().ok_or_else(|| wrong(&self.path, self.json, "a text"))
    }

    fn as_number(&self) -> Result<usize> {
        let number = self.json.as_u64().and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| wrong(&self.path, self.json, "a whole number"))
    }

    fn wrong(&self, name: &str, expected: &str) -> Error {
        match self.optional(name) {
            Some(part) => wrong(&part.path, part.json, expected),
            None if self.path.is_empty() => no_summary(&format!("it has no `{name}`")),
            None => no_summary(&format!("`{}` has no `{name}`", self.path)),
        }
    }
}

fn wrong(path: &str, found: &Json, expected: &str) -> Error {
    no_summary(&format!("`{path}` is {}, expected {expected}", shown::json(found)))
}

fn no_summary(why: &str) -> Error {
    Error::new(ErrorKind::Data, format!("this is no summary of a data file: {why}")).help(WRITE_ANEW)
}

#[cfg(test)]
mod tests;
