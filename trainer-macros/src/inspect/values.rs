//! The values of a column that a verdict can depend on.
//!
//! What comes in: every value. What goes out: of each kind the first, with how many there are; of whole numbers the least
//! and the greatest, of others also the greatest in size; of labels each that is different from the others.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::read::shown;

/// What kind of a value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// `null`, or no character between two separators.
    Null,
    Flag,
    Whole,
    /// A number with a fraction, or one that is not finite.
    Real,
    Text,
    /// A text with nothing to read in it, where the field is a text of the model's.
    Blank,
    List,
    Object,
}

/// A value that was kept, and where it first stands.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    /// How many rows have it: this text or whole number of a label, of other values one of this kind.
    pub(crate) rows: usize,
    /// Its position in its list.
    pub(crate) index: Option<usize>,
    /// How a message shows it.
    pub(crate) shown: String,
    /// A text, or the characters of the cell, where they are kept.
    pub(crate) text: String,
    pub(crate) whole: i128,
    pub(crate) real: f64,
}

/// A value as it is found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) kind: Kind,
    pub(crate) written: Written<'a>,
    whole: i128,
    real: f64,
}

/// How a value stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Written<'a> {
    Json(&'a Json),
    Characters(&'a str),
}

impl<'a> Found<'a> {
    /// A value of a JSON file.
    pub(crate) fn json(value: &'a Json) -> Self {
        let mut found = Self { kind: Kind::Null, written: Written::Json(value), whole: 0, real: 0.0 };
        found.kind = match value {
            Json::Null => Kind::Null,
            Json::Bool(_) => Kind::Flag,
            Json::String(_) => Kind::Text,
            Json::Array(_) => Kind::List,
            Json::Object(_) => Kind::Object,
            Json::Number(number) => match number.as_i128() {
                Some(whole) => {
                    found.whole = whole;
                    Kind::Whole
                }
                None => {
                    found.real = number.as_f64().unwrap_or(f64::NAN);
                    Kind::Real
                }
            },
        };
        found
    }

    /// A cell of a CSV or TSV file, as what it can be read as; `list` if that is a JSON array.
    pub(crate) fn characters(cell: &'a str, list: bool) -> Self {
        let mut found = Self { kind: Kind::Text, written: Written::Characters(cell), whole: 0, real: 0.0 };
        let trimmed = cell.trim();
        if cell.is_empty() {
            found.kind = Kind::Null;
        } else if list {
            found.kind = Kind::List;
        } else if matches!(trimmed, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") {
            found.kind = Kind::Flag;
        } else if let Ok(whole) = trimmed.parse::<i128>() {
            found.whole = whole;
            found.kind = Kind::Whole;
        } else if let Ok(real) = trimmed.parse::<f64>() {
            found.real = real;
            found.kind = Kind::Real;
        }
        found
    }

    /// The same as a text that a model reads: characters have no other type, and what is blank is a kind of its own.
    pub(crate) fn as_text(mut self) -> Self {
        if let Some(text) = self.text() {
            self.kind = if text.trim().is_empty() { Kind::Blank } else { Kind::Text };
        }
        self
    }

    fn text(&self) -> Option<&'a str> {
        match self.written {
            Written::Json(Json::String(text)) => Some(text),
            Written::Json(_) => None,
            Written::Characters(text) => Some(text),
        }
    }

    /// The value, to be kept.
    pub(crate) fn kept(&self, line: usize, index: Option<usize>) -> Value {
        let shown = match self.written {
            Written::Json(value) => shown::json(value),
            Written::Characters(text) => shown::text(text),
        };
        let text = self.text().unwrap_or_default().to_owned();
        Value { kind: self.kind, line, rows: 1, index, shown, text, whole: self.whole, real: self.real }
    }
}

/// The values of a column, or the elements of its lists, that were kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    /// Labels are kept each, up to a number that no list of classes reaches by mistake.
    labels: bool,
    distinct: HashMap<String, Value>,
    first: Vec<Value>,
    least: Option<Value>,
    greatest: Option<Value>,
    largest: Option<Value>,
    overflowed: bool,
}

/// How many different labels are kept.
const DISTINCT: usize = 256;
/// The longest text that is kept as one of the labels, in bytes; a longer one is kept as the first text.
const LONGEST: usize = 200;

impl Values {
    /// Nothing yet; whether they are labels.
    pub(crate) fn new(labels: bool) -> Self {
        Self { labels, ..Self::default() }
    }

    /// Those that a summary has; whether they are labels, and all that there are.
    pub(crate) fn of_summary(kept: Vec<Value>, labels: bool, all: bool) -> Self {
        Self { first: kept, labels, overflowed: !all, ..Self::default() }
    }

    /// Takes in one value.
    pub(crate) fn take_in(&mut self, found: &Found<'_>, line: usize, index: Option<usize>) {
        if self.labels && self.take_in_label(found, line, index) {
            return;
        }
        match found.kind {
            Kind::Whole => self.take_in_whole(found, line, index),
            Kind::Real if self.largest.as_ref().is_none_or(|largest| is_larger(found.real, largest.real)) => {
                self.largest = Some(found.kept(line, index));
                self.count(found, line, index);
            }
            _ => self.count(found, line, index),
        }
    }

    /// Counts a label that is a name or a number; whether it is one.
    fn take_in_label(&mut self, found: &Found<'_>, line: usize, index: Option<usize>) -> bool {
        let key = match (found.text(), found.kind) {
            (Some(text), Kind::Text | Kind::Flag | Kind::Whole | Kind::Real) if text.len() <= LONGEST => {
                format!("\"{text}")
            }
            (None, Kind::Whole) => found.whole.to_string(),
            _ => return false,
        };
        if let Some(known) = self.distinct.get_mut(&key) {
            known.rows += 1;
        } else if self.distinct.len() < DISTINCT {
            self.distinct.insert(key, found.kept(line, index));
        } else {
            self.overflowed = true;
            return false;
        }
        true
    }

    fn take_in_whole(&mut self, found: &Found<'_>, line: usize, index: Option<usize>) {
        if self.least.as_ref().is_none_or(|least| found.whole < least.whole) {
            self.least = Some(found.kept(line, index));
        }
        if self.greatest.as_ref().is_none_or(|greatest| found.whole > greatest.whole) {
            self.greatest = Some(found.kept(line, index));
        }
    }

    fn count(&mut self, found: &Found<'_>, line: usize, index: Option<usize>) {
        match self.first.iter_mut().find(|known| known.kind == found.kind) {
            Some(known) => {
                known.rows += 1;
                // Labels of one kind are not kept each here: only the first, and it stands for others.
                self.overflowed |= self.labels && !is_the_same(known, found);
            }
            None => {
                let mut value = found.kept(line, index);
                // What is no label is only shown, and of a blank text it counts whether anything is there.
                if !self.labels {
                    let kept = usize::from(found.kind == Kind::Blank && !value.text.is_empty());
                    value.text = " ".repeat(kept);
                }
                self.first.push(value);
            }
        }
    }

    /// Whether no row had a value.
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.distinct.is_empty() && self.least.is_none()
    }

    /// Those that were kept, by line.
    pub(crate) fn kept(&self) -> Vec<Value> {
        let extremes = [&self.least, &self.greatest, &self.largest].into_iter().flatten();
        let mut kept: Vec<Value> = self.first.iter().chain(self.distinct.values()).cloned().collect();
        for value in extremes {
            let same =
                |known: &Value| known.kind == value.kind && (known.line, known.index) == (value.line, value.index);
            if !kept.iter().any(same) {
                kept.push(value.clone());
            }
        }
        kept.sort_by_key(|value| (value.line, value.index));
        kept
    }

    /// Whether the values that are different are kept each, as far as there is room.
    pub(crate) fn are_distinct(&self) -> bool {
        self.labels
    }

    /// Whether every label that is different from the others is kept.
    pub(crate) fn has_all_labels(&self) -> bool {
        self.labels && !self.overflowed
    }
}

/// Whether a label that is no whole number is the one that was kept. (Lists and objects are none.)
fn is_the_same(known: &Value, found: &Found<'_>) -> bool {
    match found.written {
        Written::Json(Json::Bool(flag)) => known.shown == flag.to_string(),
        Written::Json(Json::Number(_)) => known.real.to_bits() == found.real.to_bits(),
        _ => known.text == found.text().unwrap_or_default(),
    }
}

fn is_larger(number: f64, than: f64) -> bool {
    number.is_nan() || number.abs() > than.abs()
}
