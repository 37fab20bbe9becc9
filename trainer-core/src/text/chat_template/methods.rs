//! Methods of Python's strings, which templates call: those that `minijinja` leaves out, or does otherwise than Python.

use minijinja::value::{Tuple, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat::unknown_method_callback;

/// Calls `value.method(arguments)`.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    let own = match (value.kind(), value.as_str()) {
        (ValueKind::String, Some(text)) => of_string(text, method, arguments)?,
        (ValueKind::Seq, _) if method == "index" => {
            let (wanted,): (&Value,) = from_args(arguments)?;
            let place = value.try_iter()?.position(|item| item == *wanted);
            Some(Value::from(place.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "it is not in the list"))?))
        }
        _ => None,
    };
    match own {
        Some(result) => Ok(result),
        None => unknown_method_callback(state, value, method, arguments),
    }
}

/// The filter `trim`: `str.strip`.
pub(super) fn trim(value: &Value, characters: Option<&str>) -> String {
    let text = value.to_string();
    let set = Characters(characters);
    text.trim_matches(|character| set.has(character)).to_owned()
}

/// What `strip` takes away: these characters, or white space.
struct Characters<'a>(Option<&'a str>);

impl Characters<'_> {
    fn has(&self, character: char) -> bool {
        self.0.map_or_else(|| is_space(character), |set| set.contains(character))
    }
}

/// Source: `str.isspace`, which counts four separators of ASCII that Unicode does not.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

fn of_string(text: &str, method: &str, arguments: &[Value]) -> Result<Option<Value>, Error> {
    let stripped = |left: bool, right: bool| -> Result<Value, Error> {
        let (set,): (Option<&str>,) = from_args(arguments)?;
        let set = Characters(set);
        let text = if left { text.trim_start_matches(|c| set.has(c)) } else { text };
        Ok(Value::from(if right { text.trim_end_matches(|c| set.has(c)) } else { text }))
    };
    Ok(Some(match method {
        "strip" => stripped(true, true)?,
        "lstrip" => stripped(true, false)?,
        "rstrip" => stripped(false, true)?,
        "split" | "rsplit" => {
            let (separator, most): (Option<&str>, Option<i64>) = from_args(arguments)?;
            split(text, separator, most, method == "rsplit")?
        }
        "splitlines" => {
            let (keep_ends,): (Option<bool>,) = from_args(arguments)?;
            lines(text, keep_ends.unwrap_or(false)).into_iter().map(Value::from).collect()
        }
        "partition" | "rpartition" => {
            let (separator,): (&str,) = from_args(arguments)?;
            let from_the_end = method == "rpartition";
            let found = if from_the_end { text.rsplit_once(separator) } else { text.split_once(separator) };
            let parts = match found {
                Some((before, after)) => [before, separator, after],
                None if from_the_end => ["", "", text],
                None => [text, "", ""],
            };
            Value::from(Tuple::from(parts.map(Value::from)))
        }
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(arguments)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(arguments)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "index" | "rindex" => {
            let (part,): (&str,) = from_args(arguments)?;
            let found = if method == "index" { text.find(part) } else { text.rfind(part) };
            let place = found.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "substring not found"))?;
            Value::from(text[..place].chars().count())
        }
        "title" => Value::from(title(text)),
        _ => return Ok(None),
    }))
}

/// Source: `str.split` and `str.rsplit`.
fn split(text: &str, separator: Option<&str>, most: Option<i64>, from_the_end: bool) -> Result<Value, Error> {
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let parts: Vec<&str> = match separator {
        Some("") => return Err(Error::new(ErrorKind::InvalidOperation, "empty separator")),
        Some(separator) if from_the_end => {
            let mut parts: Vec<&str> = text.rsplitn(most.saturating_add(1), separator).collect();
            parts.reverse();
            parts
        }
        Some(separator) => text.splitn(most.saturating_add(1), separator).collect(),
        None if from_the_end => {
            let mut parts = Vec::new();
            let mut rest = text.trim_end_matches(is_space);
            while !rest.is_empty() {
                let cut = rest.rfind(is_space).filter(|_| parts.len() < most);
                let start = cut.map_or(0, |cut| cut + rest[cut..].chars().next().map_or(0, char::len_utf8));
                parts.push(&rest[start..]);
                rest = rest[..cut.unwrap_or(0)].trim_end_matches(is_space);
            }
            parts.reverse();
            parts
        }
        None => {
            let mut parts = Vec::new();
            let mut rest = text.trim_start_matches(is_space);
            while !rest.is_empty() {
                let cut = rest.find(is_space).filter(|_| parts.len() < most).unwrap_or(rest.len());
                parts.push(&rest[..cut]);
                rest = rest[cut..].trim_start_matches(is_space);
            }
            parts
        }
    };
    Ok(parts.into_iter().collect())
}

/// Source: `str.splitlines`.
fn lines(text: &str, keep_ends: bool) -> Vec<&str> {
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(ends).unwrap_or(rest.len());
        let both = rest[end..].starts_with("\r\n");
        let width = if both { 2 } else { rest[end..].chars().next().map_or(0, char::len_utf8) };
        lines.push(&rest[..if keep_ends { end + width } else { end }]);
        rest = &rest[end + width..];
    }
    lines
}

/// Source: `str.title`: a letter after anything that is no letter is a capital, all others are small.
fn title(text: &str) -> String {
    let mut after_letter = false;
    let mut title = String::with_capacity(text.len());
    for character in text.chars() {
        if after_letter {
            title.extend(character.to_lowercase());
        } else {
            title.extend(character.to_uppercase());
        }
        after_letter = character.is_alphabetic();
    }
    title
}
