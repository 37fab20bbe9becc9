//! The command line: one flag for each argument, and `--config` for a file.

use std::ffi::OsString;
use std::path::Path;

use clap::builder::{Arg, ArgAction, Command};
use clap::error::{ContextKind, ContextValue, ErrorKind as ClapKind};

use super::described::{described, without_default};
use super::file::give_file;
use super::layers::{Origin, Text, Values, flag};
use super::names::ALIASES;
use super::specification::{Argument, DefaultValue, Specification};
use super::value::ValueKind;
use crate::error::{Error, ErrorKind, Result};

/// What a command line asks for.
pub(super) enum Asked {
    /// A run with these values.
    Values(Values),
    /// The help, to be printed.
    Help(String),
}

/// Reads a command line, the program's name first, over the environment and the file that `--config` names.
pub(super) fn read(
    specification: &'static Specification,
    line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Asked> {
    let matches = match command(specification).try_get_matches_from(line) {
        Ok(matches) => matches,
        Err(error) if error.kind() == ClapKind::DisplayHelp => return Ok(Asked::Help(error.render().to_string())),
        Err(error) => return Err(explain(specification, &error)),
    };
    let mut values = Values::of(specification);
    if let Some(path) = matches.get_one::<String>(CONFIG) {
        give_file(&mut values, specification, Path::new(path))?;
    }
    values.give_environment();
    for argument in specification.arguments {
        let Some(texts) = matches.get_many::<String>(argument.name) else { continue };
        let mut texts: Vec<String> = texts.cloned().collect();
        let text = match (argument.kind, texts.pop()) {
            (ValueKind::List(_), Some(last)) => {
                texts.push(last);
                let items = texts.iter().flat_map(|text| text.split(',')).map(|item| item.trim().to_owned());
                Text::Many(items.filter(|item| !item.is_empty() && item != "none").collect())
            }
            (_, Some(last)) => Text::One(last),
            (_, None) => continue,
        };
        values.give(argument, text, Origin::Flag(flag(argument.name)));
    }
    Ok(Asked::Values(values))
}

/// The flag of the file; no field can have this name.
const CONFIG: &str = "config";

fn command(specification: &'static Specification) -> Command {
    let config = Arg::new(CONFIG).long(CONFIG).value_name("FILE").help("Arguments in a TOML or JSON file");
    // A struct's name is no program: clap prints that of the command line in its usage.
    let command = Command::new(specification.name).no_binary_name(false).about(specification.about).arg(config);
    specification.arguments.iter().fold(command, |command, argument| command.arg(flag_of(argument)))
}

fn flag_of(argument: &'static Argument) -> Arg {
    let long = argument.name.replace('_', "-");
    let mut arg = Arg::new(argument.name).long(long).help(help(argument)).allow_negative_numbers(true);
    if argument.name.contains('_') {
        arg = arg.alias(argument.name);
    }
    for (alias, name) in ALIASES.iter().filter(|(_, name)| argument.standard == Some(*name)) {
        for other in [*alias, *name].into_iter().filter(|other| *other != argument.name) {
            arg = arg.alias(other).alias(other.replace('_', "-"));
        }
    }
    match argument.kind {
        ValueKind::Flag => arg.num_args(0..=1).default_missing_value("true").value_name("true|false"),
        ValueKind::List(_) => arg.action(ArgAction::Append).value_name("LIST"),
        ValueKind::Whole { .. } | ValueKind::Number => arg.value_name("NUMBER"),
        ValueKind::Path => arg.value_name("PATH"),
        ValueKind::Text | ValueKind::Choice(_) | ValueKind::Device | ValueKind::Own(_) => arg.value_name("TEXT"),
    }
}

fn help(argument: &Argument) -> String {
    let mut parts = Vec::new();
    match argument.default {
        DefaultValue::Text(text) if text != "none" => parts.push(format!("[default: {text}]")),
        DefaultValue::Code(text) => parts.push(format!("[default: {text}]")),
        DefaultValue::Text(_) | DefaultValue::Absent => {}
    }
    let shows_default = !parts.is_empty();
    if let Some(range) = argument.range {
        parts.push(format!("[range: {}]", range.written));
    }
    match argument.kind {
        _ if !argument.choices.is_empty() => parts.push(format!("[choices: {}]", argument.choices.join(", "))),
        ValueKind::Choice(names) => parts.push(format!("[choices: {}]", names.join(", "))),
        _ => {}
    }
    if let Some(env) = argument.env {
        parts.push(format!("[env: {env}]"));
    }
    let text = match argument.standard.filter(|_| argument.help.is_empty()).and_then(described) {
        Some(text) if shows_default => without_default(&text).to_owned(),
        Some(text) => text.trim_end_matches('.').to_owned(),
        None if argument.help.is_empty() => argument.name.replace('_', " "),
        None => argument.help.to_owned(),
    };
    std::iter::once(text).chain(parts).collect::<Vec<_>>().join(" ")
}

/// A mistake on the command line, in our words where the name is one that we know.
fn explain(specification: &'static Specification, error: &clap::Error) -> Error {
    if let Some(ContextValue::String(written)) = error.get(ContextKind::InvalidArg) {
        match (error.kind(), written.strip_prefix("--")) {
            (ClapKind::UnknownArgument, Some(name)) => return specification.unknown(&name.replace('-', "_"), flag),
            (ClapKind::UnknownArgument, None) if !written.starts_with('-') => {
                let message = format!("`{written}` stands without a flag");
                let example = specification.arguments.iter().find(|argument| !matches!(argument.kind, ValueKind::Flag));
                let example = example.map_or(CONFIG, |argument| argument.name);
                return Error::new(ErrorKind::Arguments, message)
                    .help(format!("every value follows its flag, as in `{} {written}`", flag(example)));
            }
            // clap names the flag with what it takes: `--learning-rate <NUMBER>`.
            (ClapKind::InvalidValue, Some(_)) => {
                let name = written.split_whitespace().next().unwrap_or(written);
                return Error::new(ErrorKind::Arguments, format!("`{name}` stands without a value"))
                    .help(format!("write `{written}`"));
            }
            _ => {}
        }
    }
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    Error::new(ErrorKind::Arguments, first.strip_prefix("error: ").unwrap_or(first))
}
