//! The filter `tojson` as transformers gives it to templates: Python's `json.dumps`, with nothing escaped for HTML.

use std::fmt::Write as _;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, Value};

/// How a value is laid out.
struct Layout {
    /// What a level is indented by; `None` for one line.
    indent: Option<String>,
    between: String,
    after_key: String,
    ensure_ascii: bool,
    sort_keys: bool,
}

/// Source: `tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)` of transformers.
pub(super) fn to_json(value: &Value, ensure_ascii: Option<bool>, arguments: Kwargs) -> Result<Value, Error> {
    let flag = |name: &str| -> Result<Option<bool>, Error> { arguments.get(name) };
    let ensure_ascii = ensure_ascii.or(flag("ensure_ascii")?).unwrap_or(false);
    let sort_keys = flag("sort_keys")?.unwrap_or(false);
    let indent = match arguments.get::<Option<Value>>("indent")?.filter(|indent| !indent.is_none()) {
        Some(indent) => Some(match indent.as_str() {
            Some(text) => text.to_owned(),
            None => " ".repeat(usize::try_from(indent)?),
        }),
        None => None,
    };
    let (between, after_key) = match arguments.get::<Option<Value>>("separators")?.filter(|pair| !pair.is_none()) {
        Some(pair) => (pair.get_item_by_index(0)?.to_string(), pair.get_item_by_index(1)?.to_string()),
        None => (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()),
    };
    arguments.assert_all_used()?;
    let mut text = String::new();
    write(value, 0, &Layout { indent, between, after_key, ensure_ascii, sort_keys }, &mut text)?;
    Ok(Value::from(text))
}

fn write(value: &Value, depth: usize, layout: &Layout, text: &mut String) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None => text.push_str("null"),
        ValueKind::Bool => text.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => match f64::try_from(value.clone()) {
            Ok(number) if !value.is_integer() => text.push_str(&float(number)),
            _ => text.push_str(&value.to_string()),
        },
        ValueKind::String => write_string(&value.to_string(), layout.ensure_ascii, text),
        ValueKind::Map => {
            let mut keys = value.try_iter()?.checked().collect::<Result<Vec<Value>, Error>>()?;
            if layout.sort_keys {
                keys.sort();
            }
            write_items(&keys, ('{', '}'), depth, layout, text, |key, text| {
                write_string(&key_of(key), layout.ensure_ascii, text);
                text.push_str(&layout.after_key);
                write(&value.get_item(key)?, depth + 1, layout, text)
            })?;
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.checked().collect::<Result<Vec<Value>, Error>>()?;
            write_items(&items, ('[', ']'), depth, layout, text, |item, text| write(item, depth + 1, layout, text))?;
        }
        other => return Err(Error::new(ErrorKind::BadSerialization, format!("{other} cannot be written as JSON"))),
    }
    Ok(())
}

fn write_items(
    items: &[Value],
    (open, close): (char, char),
    depth: usize,
    layout: &Layout,
    text: &mut String,
    mut write_item: impl FnMut(&Value, &mut String) -> Result<(), Error>,
) -> Result<(), Error> {
    let new_line = |text: &mut String, depth: usize| {
        if let Some(indent) = layout.indent.as_deref().filter(|_| !items.is_empty()) {
            text.push('\n');
            text.push_str(&indent.repeat(depth));
        }
    };
    text.push(open);
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            text.push_str(&layout.between);
        }
        new_line(text, depth + 1);
        write_item(item, text)?;
    }
    new_line(text, depth);
    text.push(close);
    Ok(())
}

/// A key as Python writes it: a constant by its name in JSON, anything else as its text.
fn key_of(key: &Value) -> String {
    match key.kind() {
        ValueKind::None => "null".to_owned(),
        ValueKind::Bool => if key.is_true() { "true" } else { "false" }.to_owned(),
        _ => key.to_string(),
    }
}

fn escaped(text: &mut String, code: u32) {
    // Nothing can go wrong while writing to a `String`.
    let _ = write!(text, "\\u{code:04x}");
}

fn write_string(string: &str, ensure_ascii: bool, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            control if control < ' ' => escaped(text, u32::from(control)),
            wide if ensure_ascii && !(' '..='~').contains(&wide) => {
                for half in wide.encode_utf16(&mut [0; 2]) {
                    escaped(text, u32::from(*half));
                }
            }
            plain => text.push(plain),
        }
    }
    text.push('"');
}

/// A number as Python's `repr` writes it: with an exponent from 1e16 up and below 1e-4.
fn float(value: f64) -> String {
    if !value.is_finite() {
        let sign = if value.is_nan() || value > 0.0 { "" } else { "-" };
        return format!("{sign}{}", if value.is_nan() { "NaN" } else { "Infinity" });
    }
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => text,
    }
}
