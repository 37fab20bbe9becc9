//! The values in force, and where each came from.
//!
//! A struct of arguments is plain data and does not know where its values came from: the last parse of each type is kept
//! here, and a value that differs from it was set in code.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::TrainingArgs;
use super::layers::{Origin, Values};
use super::value::ArgumentValue;

/// The fields of a struct with their values as text.
#[derive(Debug, Default)]
pub struct Shown {
    values: Vec<(&'static str, String)>,
}

impl Shown {
    /// Notes the value of a field.
    pub fn value(&mut self, name: &'static str, value: &impl ArgumentValue) {
        self.values.push((name, value.to_text()));
    }

    fn of<A: TrainingArgs>(args: &A) -> Self {
        let mut shown = Self::default();
        args.visit(&mut shown);
        shown
    }
}

struct Record {
    name: &'static str,
    text: String,
    origin: Origin,
}

static PARSED: Mutex<Option<HashMap<TypeId, Vec<Record>>>> = Mutex::new(None);

/// Keeps where the values of a parse came from.
pub(super) fn keep<A: TrainingArgs>(args: &A, values: &Values) {
    let records = Shown::of(args).values.into_iter().map(|(name, text)| {
        let origin = values.origin(name);
        Record { name, text, origin }
    });
    let records = records.collect();
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    parsed.get_or_insert_with(HashMap::new).insert(TypeId::of::<A>(), records);
}

/// Whether the last parse took an argument from anywhere but its default.
pub(super) fn is_given<A: TrainingArgs>(name: &str) -> bool {
    let parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let records = parsed.as_ref().and_then(|parsed| parsed.get(&TypeId::of::<A>()));
    let record = records.and_then(|records| records.iter().find(|record| record.name == name));
    record.is_some_and(|record| record.origin != Origin::Default)
}

/// Writes one line for each argument: its name, its value, and where the value came from.
///
/// # Errors
/// As the formatter's.
pub fn show<A: TrainingArgs>(args: &A, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut lines: Vec<(&str, String, String)> = Vec::new();
    for (name, text) in Shown::of(args).values {
        let origin = origin::<A>(name, &text);
        lines.push((name, text, origin));
    }
    let arguments = args.arguments();
    for name in A::SPECIFICATION.fixed {
        lines.push((name, arguments.text(name).unwrap_or_default(), "fixed in code".to_owned()));
    }
    let names = lines.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    let texts = lines.iter().map(|(_, text, _)| text.len()).max().unwrap_or_default();
    for (number, (name, text, origin)) in lines.iter().enumerate() {
        let end = if number + 1 == lines.len() { "" } else { "\n" };
        write!(f, "{name:names$} = {text:texts$}  ({origin}){end}")?;
    }
    Ok(())
}

fn origin<A: TrainingArgs>(name: &str, text: &str) -> String {
    let parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let records = parsed.as_ref().and_then(|parsed| parsed.get(&TypeId::of::<A>()));
    if let Some(record) = records.and_then(|records| records.iter().find(|record| record.name == name))
        && record.text == text
    {
        return record.origin.to_string();
    }
    drop(parsed);
    let default = A::from_values(&Values::of(A::SPECIFICATION)).map(|default| Shown::of(&default).values);
    let is_default = default.is_ok_and(|values| values.iter().any(|(of, default)| *of == name && default == text));
    if is_default { Origin::Default.to_string() } else { "set in code".to_owned() }
}
