//! What a field's type takes, and whether the field's own default, range and choices go with it.
//!
//! What comes in: literals as an attribute has them. What goes out: verdicts, for the compiler.

use super::choice::ComputeDevice;
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

impl ValueKind {
    /// What it is, to follow "must be".
    pub const fn words(&self) -> Words {
        match self {
            // Nobody needs to be told where 32 bits end.
            Self::Whole { least: 0, greatest } if *greatest >= u32::MAX as i128 => {
                Words::new().then("a whole number of at least 0")
            }
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

/// The usual default of a training argument is a value of the field's type, where that type is one of whole numbers.
pub const fn default_fits_whole(name: &str, written: &str, default: f64, kind: ValueKind) -> Verdict {
    match kind {
        ValueKind::Whole { .. } if default % 1.0 != 0.0 => default_fits(name, written, Literal::Real(default), kind),
        _ => Verdict::Accepted,
    }
}

/// A default within the field's own `range`.
pub const fn default_in_range(name: &str, default: f64, written: &str, range: &NumberRange) -> Verdict {
    // That nothing is in a range is the range's mistake, not the default's.
    if range.holds(default) || range.low > range.high {
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
