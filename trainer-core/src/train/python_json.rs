//! JSON as Python reads and writes it.
//!
//! In: the text of a file that `json.dumps(…, indent=2, sort_keys=True)` wrote, out: a [`Value`]; and back, byte for byte.
//! It differs from strict JSON in one thing that runs do meet: Python writes `NaN`, `Infinity` and `-Infinity` as bare words.
//! In a [`Value`] they are the strings of the same name. It refuses what Python refuses too.

use std::fmt::Write as _;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

const NOT_FINITE: [(&str, f64); 3] = [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)];

/// A number for a log entry: JSON's own where it is finite, else the string `NaN`, `Infinity` or `-Infinity`.
pub fn number_to_json(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(|| Value::from(word_of(value)), Value::Number)
}

/// The number that [`number_to_json`] wrote; `None` for anything else.
pub fn number_from_json(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => NOT_FINITE.iter().find(|(name, _)| name == word).map(|(_, number)| *number),
        _ => None,
    }
}

fn word_of(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// Reads JSON in which numbers may be `NaN`, `Infinity` or `-Infinity`.
pub(crate) fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(&quote_bare_words(text))
}

/// Puts quotes around the words that strict JSON does not have; lines stay where they are, for the place in an error.
fn quote_bare_words(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let word = NOT_FINITE.iter().map(|(word, _)| *word).find(|word| !in_string && rest.starts_with(word));
        let taken = match (word, first) {
            (Some(word), _) => {
                quoted.extend(["\"", word, "\""]);
                word.len()
            }
            // The character after a backslash ends no string.
            (None, '\\') if in_string => {
                let both = rest.chars().take(2).map(char::len_utf8).sum();
                quoted.push_str(&rest[..both]);
                both
            }
            (None, other) => {
                in_string ^= other == '"';
                quoted.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    quoted
}

/// Prints a value as Python's `json.dumps(value, indent=2, sort_keys=True)` does.
pub(crate) fn print(value: &Value) -> String {
    let mut text = String::new();
    print_into(value, 0, &mut text);
    text
}

fn print_into(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            print_items(entries.len(), ('{', '}'), depth, text, |i, text| {
                print_string(entries[i].0, text);
                text.push_str(": ");
                print_into(entries[i].1, depth + 1, text);
            });
        }
        Value::Array(items) => {
            print_items(items.len(), ('[', ']'), depth, text, |i, text| print_into(&items[i], depth + 1, text));
        }
        Value::String(word) if NOT_FINITE.iter().any(|(name, _)| name == word) => text.push_str(word),
        Value::String(string) => print_string(string, text),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => text.push_str(&python_float(float)),
            _ => text.push_str(&number.to_string()),
        },
        Value::Bool(_) | Value::Null => text.push_str(&value.to_string()),
    }
}

fn print_items(
    count: usize,
    (open, close): (char, char),
    depth: usize,
    text: &mut String,
    mut item: impl FnMut(usize, &mut String),
) {
    text.push(open);
    for i in 0..count {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        item(i, text);
    }
    if count > 0 {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    }
    text.push(close);
}

/// Only ASCII, as Python's `ensure_ascii` gives: other characters as `\uXXXX`, in two halves where they need it.
fn print_string(string: &str, text: &mut String) {
    for character in Value::from(string).to_string().chars() {
        if (' '..='~').contains(&character) {
            text.push(character);
        } else {
            for half in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot go wrong.
                let _ = write!(text, "\\u{half:04x}");
            }
        }
    }
}

/// The shortest digits that give the same number, with an exponent from 1e16 up and below 1e-4.
fn python_float(value: f64) -> String {
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

/// For a field that is a number: serde's `with`.
pub(crate) mod float {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Value, number_from_json, number_to_json};
    use serde::de::Error as _;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes the field by reference")]
    pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        number_to_json(*value).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let value = Value::deserialize(deserializer)?;
        number_from_json(&value).ok_or_else(|| D::Error::custom(format!("{value} is no number")))
    }
}

/// For a field that is a number or `null`: serde's `with`.
pub(crate) mod optional_float {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Value, number_from_json, number_to_json};
    use serde::de::Error as _;

    #[expect(clippy::ref_option, reason = "serde's `with` passes the field by reference")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(number_to_json).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        let Some(value) = Option::<Value>::deserialize(deserializer)? else { return Ok(None) };
        number_from_json(&value).map(Some).ok_or_else(|| D::Error::custom(format!("{value} is no number")))
    }
}

/// A count, which Python may have written as `500` or `500.0`: serde's `deserialize_with`.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let count = value.as_u64().or_else(|| value.as_f64().and_then(whole_float));
    count.and_then(|count| usize::try_from(count).ok()).ok_or_else(|| D::Error::custom(format!("{value} is no count")))
}

fn whole_float(value: f64) -> Option<u64> {
    (value.fract() == 0.0 && (0.0..9.0e15).contains(&value)).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_printed_as_python_prints_them() {
        let cases = [
            (5e-5, "5e-05"),
            (0.0001, "0.0001"),
            (411907500.0, "411907500.0"),
            (1e16, "1e+16"),
            (1.5e-300, "1.5e-300"),
            (9007199254740993.0, "9007199254740992.0"),
            (-2.5e22, "-2.5e+22"),
            (0.0, "0.0"),
        ];
        for (value, printed) in cases {
            assert_eq!(python_float(value), printed);
        }
    }

    #[test]
    fn words_that_are_no_strict_json_survive_both_ways() {
        let text = "{\n  \"a\": NaN,\n  \"b\": [\n    -Infinity,\n    Infinity\n  ],\n  \"c\": \"a NaN \\\" b\"\n}";
        let value = parse(text).unwrap();
        assert!(number_from_json(&value["a"]).unwrap().is_nan());
        assert_eq!(number_from_json(&value["b"][0]), Some(f64::NEG_INFINITY));
        assert_eq!(value["c"], "a NaN \" b");
        assert_eq!(print(&value), text);
    }

    #[test]
    fn text_outside_ascii_is_escaped() {
        assert_eq!(print(&Value::from("né😀\n")), r#""n\u00e9\ud83d\ude00\n""#);
    }
}
