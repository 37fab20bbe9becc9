//! What a struct of the user's lets vary: `#[derive(TrainingArgs)]` writes it down, everything else reads it.

use super::names;
use super::value::{NumberRange, ValueKind};
use super::words;
use crate::error::{Error, ErrorKind};

/// The arguments of one `#[derive(TrainingArgs)]` struct.
#[derive(Debug)]
pub struct Specification {
    /// The struct's name.
    pub name: &'static str,
    /// Its documentation.
    pub about: &'static str,
    /// The fields, which may vary.
    pub arguments: &'static [Argument],
    /// The arguments that the attribute fixes.
    pub fixed: &'static [&'static str],
}

/// One field.
#[derive(Debug)]
pub struct Argument {
    /// The field's name, and the key in files; the flag has hyphens.
    pub name: &'static str,
    /// The training argument that it is; `None` for the user's own.
    pub standard: Option<&'static str>,
    /// What it is for, for `--help`.
    pub help: &'static str,
    /// Its value when none is given.
    pub default: DefaultValue,
    /// The numbers that are allowed.
    pub range: Option<NumberRange>,
    /// The values that are allowed; empty for all.
    pub choices: &'static [&'static str],
    /// The environment variable that gives it.
    pub env: Option<&'static str>,
    /// What its type takes.
    pub kind: ValueKind,
}

/// The value of an argument that is given nowhere.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
    /// The value that this text says.
    Text(&'static str),
    /// The value of an expression, which reads like this.
    Code(&'static str),
    /// None: an `Option` is empty then, any other must be given.
    Absent,
}

impl Specification {
    /// The most that the training argument `name` may be: the end of its field's range, if it has one.
    pub const fn most(&self, name: &str) -> Option<usize> {
        let mut at = 0;
        while at < self.arguments.len() {
            let argument = &self.arguments[at];
            if let (Some(standard), Some(range)) = (argument.standard, argument.range)
                && words::same(standard, name)
                && range.high < usize::MAX as f64
            {
                let most = range.high as usize;
                return Some(if range.holds(most as f64) { most } else { most.saturating_sub(1) });
            }
            at += 1;
        }
        None
    }

    /// The argument that a key or an alias of it names.
    pub(super) fn argument(&self, key: &str) -> Option<&'static Argument> {
        let known = names::standard(key).map(|known| known.name);
        let arguments: &'static [Argument] = self.arguments;
        arguments.iter().find(|argument| argument.name == key || (known.is_some() && argument.standard == known))
    }

    /// What to say to a key that names no argument; `spell` writes a name as the user would.
    pub(super) fn unknown(&self, key: &str, spell: fn(&str) -> String) -> Error {
        let (spelled, of) = (spell(key), self.name);
        let error = |message: String| Error::new(ErrorKind::Arguments, message);
        if let Some(known) = names::standard(key) {
            if self.fixed.contains(&known.name) {
                return error(format!("`{spelled}` is fixed by `#[training_args({} = …)]` of `{of}`", known.name))
                    .help(format!("to let it vary, make it a field of `{of}` instead"));
            }
            return error(format!("`{spelled}` may not vary: `{of}` has no field `{}`", known.name))
                .help(format!("add the field to `{of}` to let it vary"));
        }
        if let Some((message, help)) = names::answer(key) {
            return error(message.replacen(&format!("`{key}`"), &format!("`{spelled}`"), 1)).help(help);
        }
        let fields: Vec<&str> = self.arguments.iter().map(|argument| argument.name).collect();
        let help = match words::nearest(key, &fields) {
            Some(near) => format!("did you mean `{}`?", spell(near)),
            None => format!(
                "arguments are {}",
                fields.iter().map(|name| format!("`{}`", spell(name))).collect::<Vec<_>>().join(", ")
            ),
        };
        error(format!("`{spelled}` is no argument of `{of}`")).help(help)
    }
}
