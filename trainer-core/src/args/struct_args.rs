//! A struct of the user's whose fields are the arguments that may vary.

use std::ffi::OsString;
use std::path::Path;

use super::command_line::{self, Asked};
use super::facts::Facts;
use super::file::{give_file, give_toml};
use super::layers::{Origin, Values};
use super::shown::{self, Shown, keep};
use super::specification::Specification;
use super::surroundings::{Agrees, Surrounded};
use super::training_arguments::TrainingArguments;
use crate::error::{Error, ErrorKind, Result};

/// A struct whose fields may vary from run to run; made by `#[derive(TrainingArgs)]`.
///
/// Values come from the command line, else from the environment, else from a file, else from the default. Whatever the
/// way in, every value is checked alone and together with the others before anyone sees it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a struct of training arguments",
    label = "not training arguments",
    note = "write `#[derive(TrainingArgs)]` on `{Self}`"
)]
pub trait TrainingArgs: Sized + 'static {
    /// The fields and what is fixed.
    const SPECIFICATION: &'static Specification;
    /// What the attribute fixes and the defaults say, for checks while compiling.
    const FACTS: Facts<'static>;
    /// The arguments among [`FACTS`](Self::FACTS) that only the run will know: fields whose default is computed, or that
    /// have none.
    const UNKNOWN: &'static [&'static str];
    /// That these arguments go with the trainer `P`, for the compiler to compute.
    type With<P: Surrounded>: Agrees;

    /// Reads every field.
    fn from_values(values: &Values) -> Result<Self>;

    /// Shows every field.
    fn visit(&self, shown: &mut Shown);

    /// All arguments of the run: the fields, what is fixed, and the defaults of the rest.
    fn arguments(&self) -> TrainingArguments;

    /// Whether the last parse of this type took the argument `name` from a flag, the environment or a file.
    fn is_given(name: &str) -> bool {
        shown::is_given::<Self>(name)
    }

    /// Reads the command line of the program, with `--config FILE` for a file and `--help`.
    ///
    /// On a mistake it says what is wrong and ends the program with status 2.
    fn parse() -> Self {
        let args = command_line::read(Self::SPECIFICATION, std::env::args_os()).and_then(|asked| match asked {
            Asked::Values(values) => checked(&values),
            Asked::Help(text) => {
                print!("{text}");
                std::process::exit(0)
            }
        });
        args.unwrap_or_else(|error| {
            eprintln!("error: {error}\n\nFor more information, try '--help'.");
            std::process::exit(2)
        })
    }

    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// For a flag that does not exist and a value that cannot work; and for `--help`, with the help as the message.
    fn try_parse_from(line: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self> {
        match command_line::read(Self::SPECIFICATION, line)? {
            Asked::Values(values) => checked(&values),
            Asked::Help(text) => Err(Error::new(ErrorKind::Arguments, text)),
        }
    }

    /// Reads a TOML or JSON file, by its extension.
    ///
    /// # Errors
    /// For a file that cannot be read, a key that is no argument and a value that cannot work; with the line.
    fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let mut values = Values::of(Self::SPECIFICATION);
        give_file(&mut values, Self::SPECIFICATION, path.as_ref())?;
        values.give_environment();
        checked(&values)
    }

    /// Reads a text in TOML.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file), with the line.
    fn from_toml_str(text: &str) -> Result<Self> {
        let mut values = Values::of(Self::SPECIFICATION);
        give_toml(&mut values, Self::SPECIFICATION, text, "TOML")?;
        values.give_environment();
        checked(&values)
    }
}

/// Reads the fields and runs every rule; a refusal names the place of what it is about.
fn checked<A: TrainingArgs>(values: &Values) -> Result<A> {
    let args = A::from_values(values)?;
    let argument = |name: &str| A::SPECIFICATION.arguments.iter().find(|argument| argument.standard == Some(name));
    let refusal = args.arguments().refusal(|name| values.spelled(argument(name)?.name));
    if let Some(refusal) = refusal {
        let names = refusal.about.iter().filter_map(|name| Some(argument(name)?.name));
        let place = names.map(|name| values.origin(name)).find(|origin| *origin != Origin::Default);
        let error = refusal.into_error();
        return Err(match place {
            Some(place) => error.at(place),
            None => error,
        });
    }
    keep(&args, values);
    Ok(args)
}

/// The arguments when nothing is given: what the derived `Default` returns.
///
/// # Panics
/// If a default that is computed is outside of its field's `range` or `choices`, or one of a type of the user's own cannot
/// be read by that type. All others are checked while compiling.
#[track_caller]
pub fn defaults<A: TrainingArgs>() -> A {
    A::from_values(&Values::of(A::SPECIFICATION)).unwrap_or_else(|error| panic!("{error}"))
}

/// A type that has a value when none is given: `Option`.
#[diagnostic::on_unimplemented(
    message = "an argument of type `{Self}` without a default must be given",
    label = "nothing is given here",
    note = "write `#[arg(default = …)]`, or make the field an `Option`"
)]
pub trait Absent {}

#[diagnostic::do_not_recommend]
impl<T> Absent for Option<T> {}
