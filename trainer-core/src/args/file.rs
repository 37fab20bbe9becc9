//! Files of arguments: one TOML table or one JSON object, a key for each argument.

use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use toml::de::{DeTable, DeValue};

use super::layers::{Origin, Text, Values};
use super::specification::Specification;
use crate::error::{Error, ErrorKind, Result};

/// Gives the values of a file, TOML or JSON by its extension.
pub(super) fn give_file(values: &mut Values, specification: &'static Specification, path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
    let name = path.display().to_string();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => give_toml(values, specification, &text, &name),
        Some("json") => give_json(values, specification, &text, &name),
        _ => Err(Error::new(ErrorKind::Arguments, format!("`{name}` is neither a TOML nor a JSON file by its name"))
            .help("name it `….toml` or `….json`")),
    }
}

/// Gives the values of a TOML text that is called `name` in messages.
pub(super) fn give_toml(
    values: &mut Values,
    specification: &'static Specification,
    text: &str,
    name: &str,
) -> Result<()> {
    let table = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or_else(|| name.to_owned(), |span| place(name, text, span.start));
        Error::new(ErrorKind::Arguments, error.message().to_owned()).at(place)
    })?;
    let mut keys: Vec<_> = table.get_ref().iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in keys {
        let place = place(name, text, key.span().start);
        give(values, specification, key.get_ref(), toml_text(value.get_ref()), place)?;
    }
    Ok(())
}

fn toml_text(value: &DeValue<'_>) -> Option<Text> {
    match value {
        DeValue::Array(items) => {
            let items = items.iter().map(|item| toml_text(item.get_ref()));
            let one = |item| if let Some(Text::One(text)) = item { Some(text) } else { None };
            items.map(one).collect::<Option<Vec<_>>>().map(Text::Many)
        }
        DeValue::Table(_) => None,
        DeValue::String(text) => Some(Text::One(text.to_string())),
        DeValue::Integer(number) if number.radix() == 10 => Some(Text::One(number.as_str().to_owned())),
        DeValue::Integer(number) => {
            i128::from_str_radix(number.as_str(), number.radix()).ok().map(|number| Text::One(number.to_string()))
        }
        DeValue::Float(number) => Some(Text::One(number.as_str().to_owned())),
        DeValue::Boolean(flag) => Some(Text::One(flag.to_string())),
        DeValue::Datetime(time) => Some(Text::One(time.to_string())),
    }
}

fn give_json(values: &mut Values, specification: &'static Specification, text: &str, name: &str) -> Result<()> {
    let Entries(entries) = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Error::new(ErrorKind::Arguments, message).at(format!("{name}:{}", error.line()))
    })?;
    let mut read = 0;
    for (key, value) in &entries {
        let quoted = format!("\"{key}\"");
        // A key with an escape in it is not found as it is written.
        let at = text[read..].find(&quoted).map(|start| read + start);
        read = at.map_or(read, |start| start + quoted.len());
        let at = at.map_or_else(|| name.to_owned(), |start| place(name, text, start));
        give(values, specification, key, json_text(value), at)?;
    }
    Ok(())
}

/// The keys of an object with their values as they stand, also those that come twice.
struct Entries(Vec<(String, serde_json::Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, `{ \"seed\": 3 }`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

fn json_text(value: &serde_json::Value) -> Option<Text> {
    use serde_json::Value;
    match value {
        Value::Null => Some(Text::One("none".to_owned())),
        Value::Bool(flag) => Some(Text::One(flag.to_string())),
        Value::Number(number) => Some(Text::One(number.to_string())),
        Value::String(text) => Some(Text::One(text.clone())),
        Value::Array(items) => {
            let one = |item| if let Some(Text::One(text)) = json_text(item) { Some(text) } else { None };
            items.iter().map(one).collect::<Option<Vec<_>>>().map(Text::Many)
        }
        Value::Object(_) => None,
    }
}

fn give(
    values: &mut Values,
    specification: &'static Specification,
    key: &str,
    text: Option<Text>,
    place: String,
) -> Result<()> {
    let Some(argument) = specification.argument(key) else {
        return Err(specification.unknown(key, str::to_owned).at(place));
    };
    let Some(text) = text else {
        return Err(Error::new(ErrorKind::Arguments, format!("`{key}` is a table, but must be a value")).at(place));
    };
    if matches!(values.origin(argument.name), Origin::File(_)) {
        return Err(Error::new(ErrorKind::Arguments, format!("`{key}` gives `{}` a second time", argument.name))
            .help("keep one of them")
            .at(place));
    }
    values.give(argument, text, Origin::File(place));
    Ok(())
}

/// `name:line` of a byte of a text.
fn place(name: &str, text: &str, byte: usize) -> String {
    let lines = text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
    format!("{name}:{}", lines + 1)
}
