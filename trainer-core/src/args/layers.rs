//! The values that are given, layer over layer: file, environment, command line.
//!
//! What comes in: the text of each layer with its place. What goes out: [`Values`], from which the fields are read, each
//! with the place to name when something is wrong with it.

use std::fmt;

use super::names;
use super::rules::{self, Verdict};
use super::specification::{Argument, DefaultValue, Specification};
use super::table::{kind_of, reads_as};
use super::value::{ArgumentValue, ValueKind};
use crate::error::{Error, ErrorKind, Result};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nowhere: the default.
    Default,
    /// A file, with the line if it is known.
    File(String),
    /// An environment variable.
    Environment(&'static str),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => f.write_str(place),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value as it is written: one text, or the items of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    One(String),
    Many(Vec<String>),
}

/// The values given for a struct, by argument.
#[derive(Debug)]
pub struct Values {
    specification: &'static Specification,
    given: Vec<(&'static str, Text, Origin)>,
}

impl Values {
    /// No values: every argument has its default.
    pub fn of(specification: &'static Specification) -> Self {
        Self { specification, given: Vec::new() }
    }

    /// Sets an argument, over what an earlier layer gave it.
    pub(super) fn give(&mut self, argument: &'static Argument, text: Text, origin: Origin) {
        // Hugging Face writes -1 where no number of updates is given.
        let none = argument.standard == Some("max_steps") && text == Text::One("-1".to_owned());
        let text = if none { Text::One("none".to_owned()) } else { text };
        self.given.retain(|(name, ..)| *name != argument.name);
        self.given.push((argument.name, text, origin));
    }

    /// Sets the arguments whose environment variable is set to something.
    pub(super) fn give_environment(&mut self) {
        for argument in self.specification.arguments {
            let Some(name) = argument.env else { continue };
            if let Ok(text) = std::env::var(name)
                && !text.is_empty()
            {
                self.give(argument, Text::One(text), Origin::Environment(name));
            }
        }
    }

    pub(super) fn origin(&self, name: &str) -> Origin {
        self.find(name).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// A value as the user spelled it.
    pub(super) fn spelled(&self, name: &str) -> Option<String> {
        match self.find(name)? {
            (Text::One(text), _) => Some(text.clone()),
            (Text::Many(items), _) => Some(items.join(",")),
        }
    }

    fn find(&self, name: &str) -> Option<(&Text, &Origin)> {
        self.given.iter().find(|(given, ..)| *given == name).map(|(_, text, origin)| (text, origin))
    }

    /// The value of an argument: as given, or its default.
    ///
    /// # Errors
    /// For a text that is no such value, a value outside of the field's `range` or `choices`, and one that must be
    /// given but is not; with its place.
    pub fn value<T: ArgumentValue>(&self, name: &'static str) -> Result<T> {
        let argument = self.argument(name)?;
        if let Some(given) = self.given_value(argument)? {
            return Ok(given);
        }
        let absent = match argument.default {
            DefaultValue::Text(text) => Some(Self::read(argument, &Text::One(text.to_owned()), &Origin::Default)?),
            DefaultValue::Code(_) | DefaultValue::Absent => T::absent(),
        };
        absent.ok_or_else(|| {
            let flag = flag(name);
            Error::new(ErrorKind::Arguments, format!("`{name}` of `{}` must be given", self.specification.name))
                .help(format!("write `{flag} …` on the command line, or `{name} = …` in the file"))
        })
    }

    /// The value of an argument: as given, or what `default` computes.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn value_or<T: ArgumentValue>(&self, name: &'static str, default: impl FnOnce() -> T) -> Result<T> {
        let argument = self.argument(name)?;
        if let Some(given) = self.given_value(argument)? {
            return Ok(given);
        }
        let value = default();
        allow(argument, &value, &value.to_text(), &Origin::Default)?;
        Ok(value)
    }

    fn argument(&self, name: &str) -> Result<&'static Argument> {
        self.specification.argument(name).ok_or_else(|| self.specification.unknown(name, str::to_owned))
    }

    fn given_value<T: ArgumentValue>(&self, argument: &Argument) -> Result<Option<T>> {
        self.find(argument.name).map(|(text, origin)| Self::read(argument, text, origin)).transpose()
    }

    fn read<T: ArgumentValue>(argument: &Argument, text: &Text, origin: &Origin) -> Result<T> {
        let refuse = |written: &str, must: &str| {
            let kind = argument.standard.and_then(kind_of).unwrap_or(T::KIND);
            let error = unreadable(argument, kind, written, must);
            if *origin == Origin::Default { error } else { error.at(origin) }
        };
        let (value, written) = match text {
            Text::One(text) => (T::from_text(text).map_err(|must| refuse(text, &must))?, text.clone()),
            Text::Many(items) => {
                let written = items.join(",");
                (T::from_items(items).map_err(|must| refuse(&written, &must))?, written)
            }
        };
        if let Some(standard) = argument.standard {
            reads_as(standard, &written).map_err(|must| refuse(&written, &must))?;
        }
        allow(argument, &value, &written, origin)?;
        Ok(value)
    }
}

/// What to say to a text that is no value of an argument that takes `kind`; `must` is what the type itself says.
fn unreadable(argument: &Argument, kind: ValueKind, written: &str, must: &str) -> Error {
    // The compiler says of training arguments what they are called, whatever alias the field has.
    let name = argument.standard.unwrap_or(argument.name);
    let verdict = match kind {
        ValueKind::Choice(names) => rules::is_a_choice(name, written, names),
        ValueKind::Device => rules::is_a_device(written),
        ValueKind::List(ValueKind::Choice(names)) => {
            let mut items = written.split(',').map(str::trim);
            let wrong = items.find(|item| !names.contains(item));
            wrong.map_or(Verdict::Accepted, |wrong| rules::is_a_choice(name, wrong, names))
        }
        // -1 is no count; what the rule of the argument says of it is better than what its type says.
        _ => match (argument.standard, written.trim().parse()) {
            (Some(name), Ok(number)) => rules::in_range(name, number, written.trim()),
            _ => Verdict::Accepted,
        },
    };
    if let Verdict::Refused { message, help } = verdict {
        return Error::new(ErrorKind::Arguments, message.as_str()).help(help.as_str());
    }
    let is_number = matches!(kind, ValueKind::Whole { .. } | ValueKind::Number | ValueKind::Flag);
    let is_literal = is_number && (written.parse::<f64>().is_ok() || written.parse::<bool>().is_ok());
    let quote = if is_literal { "" } else { "\"" };
    let message = format!("`{}` is {quote}{written}{quote}, but must be {must}", argument.name);
    let error = Error::new(ErrorKind::Arguments, message);
    match names::standard(argument.standard.unwrap_or_default()) {
        Some(known) => error.help(format!("for example `{} = {}`", known.name, known.example)),
        None => error,
    }
}

/// Compares a value with the field's own `range` and `choices`.
fn allow<T: ArgumentValue>(argument: &Argument, value: &T, written: &str, origin: &Origin) -> Result<()> {
    let outside = argument.range.filter(|range| value.as_number().is_some_and(|number| !range.holds(number)));
    let wrong = match outside {
        Some(range) => format!("in {}", range.written),
        None if is_choice(argument, value) => return Ok(()),
        None => format!("one of {}", argument.choices.join(", ")),
    };
    let message = format!("`{}` is {written}, but must be {wrong}", argument.name);
    let error = Error::new(ErrorKind::Arguments, message);
    Err(if *origin == Origin::Default { error } else { error.at(origin) })
}

/// Whether a field's own `choices` have the value, however they spell it.
fn is_choice<T: ArgumentValue>(argument: &Argument, value: &T) -> bool {
    let text = value.to_text();
    let choices = argument.choices;
    let same = |choice: &&str| T::from_text(choice).is_ok_and(|choice| choice.to_text() == text);
    choices.is_empty() || text == "none" || choices.iter().any(same)
}

/// The flag of an argument.
pub(super) fn flag(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}
