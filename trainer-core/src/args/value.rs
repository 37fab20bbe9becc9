//! Values of arguments as text: how each type is read and printed.
//!
//! What comes in: what stands on the command line, in the environment or in a file. What goes out: the field's own type.
//! It refuses a text that is no such value, in words that follow "`learning_rate` is …, but must be …".

use std::path::PathBuf;

use super::choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, ResumeFrom, SaveStrategy,
    SchedulerType, StepsOrRatio, ThresholdMode, Warmup,
};
use super::words::{Verdict, Words, contains, nearest, same};

/// What a type takes, for the compiler to compare with a default and for `--help`.
#[derive(Clone, Copy, Debug)]
pub enum ValueKind {
    /// A whole number between two, both included.
    Whole {
        /// The least.
        least: i128,
        /// The greatest.
        greatest: i128,
    },
    /// Any number.
    Number,
    /// Yes or no.
    Flag,
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// A device.
    Device,
    /// Several, separated by commas.
    List(&'static ValueKind),
    /// Whatever the type itself reads.
    Own(&'static str),
}

/// A type that a field of a `#[derive(TrainingArgs)]` struct can have.
///
/// Implement it for a type of your own to have it as an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a command line or a file",
    label = "not a type that an argument can have",
    note = "numbers, `bool`, `String`, `PathBuf`, the enums of `trainer_core::args`, and `Option` or `Vec` of them can",
    note = "a type of your own can, with `impl trainer_core::args::ArgumentValue for {Self}`"
)]
pub trait ArgumentValue: Sized {
    /// What the type takes.
    const KIND: ValueKind;

    /// The value that a text says.
    ///
    /// # Errors
    /// What it must be, to follow "but must be": `a number`, `one of a, b`.
    fn from_text(text: &str) -> Result<Self, String>;

    /// The text that says the value; [`from_text`](Self::from_text) reads it back.
    fn to_text(&self) -> String;

    /// The value of a list in a file; only lists are.
    ///
    /// # Errors
    /// What it must be instead.
    fn from_items(items: &[String]) -> Result<Self, String> {
        let _ = items;
        Err(format!("{}, not a list", Self::KIND.words().as_str()))
    }

    /// The value when none is given anywhere; `None` if one must be.
    fn absent() -> Option<Self> {
        None
    }

    /// The value as a number, to compare with a `range`.
    fn as_number(&self) -> Option<f64> {
        None
    }
}

impl ValueKind {
    /// What it is, to follow "must be".
    pub const fn words(&self) -> Words {
        match self {
            Self::Whole { least: 0, .. } => Words::new().then("a whole number of at least 0"),
            Self::Whole { least, greatest } => {
                Words::new().then("a whole number from ").number(*least).then(" to ").number(*greatest)
            }
            Self::Number => Words::new().then("a number"),
            Self::Flag => Words::new().then("true or false"),
            Self::Text => Words::new().then("a text"),
            Self::Path => Words::new().then("a path"),
            Self::Choice(names) => Words::new().then("one of ").list(names),
            Self::Device => Words::new().then("`cpu`, `cuda`, `cuda:1` or `metal`"),
            Self::List(_) => Words::new().then("a list, separated by commas"),
            Self::Own(words) => Words::new().then(words),
        }
    }
}

/// A literal as it stands in an attribute.
#[derive(Clone, Copy, Debug)]
pub enum Literal {
    /// Digits, with or without a sign.
    Whole(i128),
    /// A number with a fraction or an exponent.
    Real(f64),
    /// `true` or `false`.
    Flag(bool),
    /// In quotes.
    Text(&'static str),
}

/// A field's default is a value of the field's type.
pub const fn default_fits(name: &str, written: &str, default: Literal, kind: ValueKind) -> Verdict {
    let absent = matches!(default, Literal::Text(text) if same(text, "none"));
    let fits = match (default, kind) {
        (Literal::Whole(number), ValueKind::Whole { least, greatest }) => number >= least && number <= greatest,
        (Literal::Text(text), ValueKind::Choice(names)) => contains(names, text),
        (Literal::Text(text), ValueKind::Device) => ComputeDevice::from_name(text).is_some(),
        (Literal::Whole(_) | Literal::Real(_), ValueKind::Number)
        | (Literal::Flag(_), ValueKind::Flag)
        | (Literal::Text(_), ValueKind::Text | ValueKind::Path)
        | (_, ValueKind::List(_) | ValueKind::Own(_)) => true,
        _ => absent,
    };
    if fits {
        return Verdict::Accepted;
    }
    let message = Words::new()
        .then("the default of `")
        .then(name)
        .then("` is ")
        .then(written)
        .then(", but its type takes ")
        .then(kind.words().as_str());
    let near = match (default, kind) {
        (Literal::Text(text), ValueKind::Choice(names)) => nearest(text, names),
        _ => None,
    };
    let help = match near {
        Some(near) => Words::new().then("did you mean \"").then(near).then("\"?"),
        None => Words::new().then("change the default, or the type of the field"),
    };
    Verdict::refused(message, help)
}

/// A default within the field's own `range`.
pub const fn default_in_range(name: &str, default: f64, written: &str, range: &NumberRange) -> Verdict {
    if range.holds(default) {
        return Verdict::Accepted;
    }
    let message = Words::new()
        .then("the default of `")
        .then(name)
        .then("` is ")
        .then(written)
        .then(", outside of its range ")
        .then(range.written);
    Verdict::refused(message, Words::new().then("change the default or the range"))
}

/// A range goes from a lower to a higher number, and stands at a number.
pub const fn range_fits(name: &str, range: &NumberRange, kind: ValueKind) -> Verdict {
    if !matches!(kind, ValueKind::Number | ValueKind::Whole { .. } | ValueKind::Own(_)) {
        let message = Words::new().then("`").then(name).then("` is no number, so it cannot have a range");
        return Verdict::refused(message, Words::new().then("`choices = [\"…\"]` lists the values that are allowed"));
    }
    if range.low <= range.high {
        return Verdict::Accepted;
    }
    let message = Words::new().then("no number is in the range ").then(range.written);
    Verdict::refused(message, Words::new().then("write the lower end first: `range = 0.0..=1.0`"))
}

/// A default among the field's own `choices`.
pub const fn default_is_a_choice(name: &str, default: &str, choices: &[&str]) -> Verdict {
    if contains(choices, default) {
        return Verdict::Accepted;
    }
    let message = Words::new()
        .then("the default of `")
        .then(name)
        .then("` is ")
        .then(default)
        .then(", which is not among its choices");
    Verdict::refused(message, Words::new().then("choices are ").list(choices))
}

/// The numbers that a field's `range = a..=b` allows.
#[derive(Clone, Copy, Debug)]
pub struct NumberRange {
    /// The least; minus infinity for `..=b`.
    pub low: f64,
    /// The greatest; infinity for `a..`.
    pub high: f64,
    /// Whether the greatest itself is allowed.
    pub with_high: bool,
    /// How the range is written.
    pub written: &'static str,
}

impl NumberRange {
    /// Whether the range has this number.
    pub const fn holds(&self, number: f64) -> bool {
        let below = if self.with_high { number <= self.high } else { number < self.high };
        number >= self.low && below
    }
}

macro_rules! whole_numbers {
    ($($type:ident)+) => {$(
        impl ArgumentValue for $type {
            const KIND: ValueKind = ValueKind::Whole { least: $type::MIN as i128, greatest: $type::MAX as i128 };

            fn from_text(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| Self::KIND.words().as_str().to_owned())
            }

            fn to_text(&self) -> String {
                self.to_string()
            }

            fn as_number(&self) -> Option<f64> {
                Some(*self as f64)
            }
        }
    )+};
}

whole_numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

macro_rules! numbers {
    ($($type:ident)+) => {$(
        impl ArgumentValue for $type {
            const KIND: ValueKind = ValueKind::Number;

            fn from_text(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| "a number".to_owned())
            }

            fn to_text(&self) -> String {
                format!("{self:?}")
            }

            fn as_number(&self) -> Option<f64> {
                Some(f64::from(*self))
            }
        }
    )+};
}

numbers!(f32 f64);

impl ArgumentValue for bool {
    const KIND: ValueKind = ValueKind::Flag;

    fn from_text(text: &str) -> Result<Self, String> {
        match text.trim() {
            "true" | "True" | "1" | "yes" => Ok(true),
            "false" | "False" | "0" | "no" => Ok(false),
            _ => Err("true or false".to_owned()),
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl ArgumentValue for String {
    const KIND: ValueKind = ValueKind::Text;

    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl ArgumentValue for PathBuf {
    const KIND: ValueKind = ValueKind::Path;

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a path".to_owned()) } else { Ok(Self::from(text)) }
    }

    fn to_text(&self) -> String {
        self.display().to_string()
    }
}

impl<T: ArgumentValue> ArgumentValue for Option<T> {
    const KIND: ValueKind = T::KIND;

    fn from_text(text: &str) -> Result<Self, String> {
        if same(text, "none") { Ok(None) } else { T::from_text(text).map(Some) }
    }

    fn to_text(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), T::to_text)
    }

    fn from_items(items: &[String]) -> Result<Self, String> {
        T::from_items(items).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn as_number(&self) -> Option<f64> {
        self.as_ref().and_then(T::as_number)
    }
}

impl<T: ArgumentValue> ArgumentValue for Vec<T> {
    const KIND: ValueKind = ValueKind::List(&T::KIND);

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() || text == "none" {
            return Ok(Self::new());
        }
        text.split(',').map(|item| list_item(item.trim())).collect()
    }

    fn to_text(&self) -> String {
        if self.is_empty() {
            return "none".to_owned();
        }
        self.iter().map(T::to_text).collect::<Vec<_>>().join(",")
    }

    fn from_items(items: &[String]) -> Result<Self, String> {
        items.iter().map(|item| list_item(item)).collect()
    }
}

fn list_item<T: ArgumentValue>(item: &str) -> Result<T, String> {
    T::from_text(item).map_err(|must| format!("a list in which each is {must}: \"{item}\" is not"))
}

macro_rules! named {
    ($($type:ident)+) => {$(
        impl ArgumentValue for $type {
            const KIND: ValueKind = ValueKind::Choice($type::SPELLINGS);

            fn from_text(text: &str) -> Result<Self, String> {
                Self::from_name(text).ok_or_else(|| {
                    let near = nearest(text, Self::NAMES).map(|near| format!("; did you mean \"{near}\"?"));
                    format!("one of {}{}", Self::NAMES.join(", "), near.unwrap_or_default())
                })
            }

            fn to_text(&self) -> String {
                self.name().to_owned()
            }
        }
    )+};
}

named!(IntervalStrategy SaveStrategy SchedulerType OptimizerName RampType PlateauMode ThresholdMode ReportTo);

macro_rules! counts_or_shares {
    ($($type:ident)+) => {$(
        impl ArgumentValue for $type {
            const KIND: ValueKind = ValueKind::Number;

            fn from_text(text: &str) -> Result<Self, String> {
                f64::from_text(text).map(Self::from_number)
            }

            fn to_text(&self) -> String {
                self.to_string()
            }

            fn as_number(&self) -> Option<f64> {
                Some(match self {
                    Self::Steps(steps) => *steps as f64,
                    Self::Ratio(ratio) => *ratio,
                })
            }
        }
    )+};
}

counts_or_shares!(StepsOrRatio Warmup);

impl ArgumentValue for ComputeDevice {
    const KIND: ValueKind = ValueKind::Device;

    fn from_text(text: &str) -> Result<Self, String> {
        Self::from_name(text).ok_or_else(|| Self::KIND.words().as_str().to_owned())
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl ArgumentValue for ResumeFrom {
    const KIND: ValueKind = ValueKind::Path;

    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("a checkpoint's folder, or `latest`".to_owned()),
            "true" | "True" | "latest" => Ok(Self::Latest),
            folder => Ok(Self::Path(PathBuf::from(folder))),
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}
