//! Values of arguments as text: how each type is read and printed.
//!
//! What comes in: what stands on the command line, in the environment or in a file. What goes out: the field's own type.
//! It refuses a text that is no such value, in words that follow "`learning_rate` is …, but must be …".

use std::path::PathBuf;

use super::choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, ResumeFrom, SaveStrategy,
    SchedulerType, StepsOrRatio, ThresholdMode, Warmup,
};
use super::layers::Values;
use super::shown::Shown;
use super::words::{nearest, same};

pub use super::kind::{
    Literal, NumberRange, ValueKind, default_fits, default_fits_whole, default_in_range, default_is_a_choice,
    range_fits,
};

/// The names that generated code has for types, wherever it stands.
#[doc(hidden)]
pub mod types {
    pub use std::path::PathBuf;
    pub use std::string::String;
    pub use std::vec::Vec;
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

    /// Reads a field; for generated code, in which each use of a type names this trait in the same way, so that a type
    /// without it is reported once.
    #[doc(hidden)]
    fn read(values: &Values, name: &'static str) -> crate::Result<Self> {
        values.value(name)
    }

    /// Reads a field whose default is computed.
    #[doc(hidden)]
    fn read_or(values: &Values, name: &'static str, default: impl FnOnce() -> Self) -> crate::Result<Self> {
        values.value_or(name, default)
    }

    /// Shows a field.
    #[doc(hidden)]
    fn show(&self, shown: &mut Shown, name: &'static str) {
        shown.value(name, self);
    }
}

macro_rules! whole_numbers {
    ($($type:ident)+) => {$(
        #[diagnostic::do_not_recommend]
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
        #[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
impl ArgumentValue for String {
    const KIND: ValueKind = ValueKind::Text;

    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl ArgumentValue for PathBuf {
    const KIND: ValueKind = ValueKind::Path;

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a path".to_owned()) } else { Ok(Self::from(text)) }
    }

    fn to_text(&self) -> String {
        self.display().to_string()
    }
}

#[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
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
        #[diagnostic::do_not_recommend]
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
        #[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
impl ArgumentValue for ComputeDevice {
    const KIND: ValueKind = ValueKind::Device;

    fn from_text(text: &str) -> Result<Self, String> {
        Self::from_name(text).ok_or_else(|| Self::KIND.words().as_str().to_owned())
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

#[diagnostic::do_not_recommend]
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
