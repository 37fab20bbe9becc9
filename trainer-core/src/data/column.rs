//! The types that a column can be read as.
//!
//! What comes in: a cell of a row. What goes out: a value of the field's type. It refuses another JSON type, numbers that
//! are out of range or not finite, and names that are no class; nothing is rounded, cut or guessed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde_json::Value;

use super::ClassLabel;
use super::cell::{Cell, Content};
use super::label::label_set;
use super::row::Column;
use super::takes::{Takes, said};
use crate::error::{Error, ErrorKind, Result};
use crate::nearest::nearest;

impl Column for String {
    const TAKES: Takes = Takes::Text;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell.content() {
            Content::Text(text) => Ok(text.to_owned()),
            Content::Json(Value::String(text)) => Ok(text.clone()),
            _ => Err(unlike::<Self>(&cell)),
        }
    }
}

impl Column for bool {
    const TAKES: Takes = Takes::Flag;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell.content() {
            Content::Json(Value::Bool(value)) => Ok(*value),
            Content::Text(text) => match text.trim() {
                "true" | "True" | "TRUE" | "1" => Ok(true),
                "false" | "False" | "FALSE" | "0" => Ok(false),
                _ => Err(unlike::<Self>(&cell)),
            },
            _ => Err(unlike::<Self>(&cell)),
        }
    }
}

macro_rules! whole_number_columns {
    ($($number:ty),*) => {$(
        impl Column for $number {
            const TAKES: Takes = Takes::Whole { least: <$number>::MIN as i128, most: <$number>::MAX as i128 };

            fn from_cell(cell: Cell<'_>) -> Result<Self> {
                let number = match cell.content() {
                    Content::Json(Value::Number(number)) => match number.as_u64() {
                        Some(value) => <$number>::try_from(value).ok(),
                        None => number.as_i64().and_then(|value| <$number>::try_from(value).ok()),
                    },
                    Content::Text(text) => text.trim().parse().ok(),
                    _ => None,
                };
                number.ok_or_else(|| unlike::<Self>(&cell))
            }
        }
    )*};
}

whole_number_columns!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl Column for f64 {
    const TAKES: Takes = Takes::Double;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        let number = match cell.content() {
            Content::Json(Value::Number(number)) => number.as_f64(),
            Content::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        finite(&cell, number, f64::is_finite)
    }
}

impl Column for f32 {
    const TAKES: Takes = Takes::Single;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        let number = match cell.content() {
            Content::Json(Value::Number(number)) => number.as_f64().map(|value| value as f32),
            Content::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        finite(&cell, number, f32::is_finite)
    }
}

fn finite<T: Column + Copy>(cell: &Cell<'_>, number: Option<T>, is_finite: fn(T) -> bool) -> Result<T> {
    match number {
        None => Err(unlike::<T>(cell)),
        Some(number) if is_finite(number) => Ok(number),
        Some(_) => Err(cell.refused(ErrorKind::Numeric, said::NOT_FINITE)),
    }
}

/// A class by its name, or by its index as an integer. In CSV and TSV files, where all is characters, a name wins.
impl<L: ClassLabel> Column for L {
    const TAKES: Takes = Takes::Class(label_set::<L>());

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        match cell.content() {
            Content::Json(Value::String(name)) => L::from_name(name).ok_or_else(|| no_class::<L>(&cell, Some(name))),
            Content::Json(Value::Number(number)) => {
                let index = number.as_u64().and_then(|index| usize::try_from(index).ok());
                index.and_then(L::from_index).ok_or_else(|| no_class::<L>(&cell, None))
            }
            Content::Text(text) => {
                let by_index = || text.trim().parse().ok().and_then(L::from_index);
                L::from_name(text).or_else(by_index).ok_or_else(|| no_class::<L>(&cell, Some(text)))
            }
            _ => Err(with_classes::<L>(unlike::<Self>(&cell))),
        }
    }

    /// Classes by name or index, each once; or a vector of 0 and 1, as long as there are classes.
    ///
    /// A list of as many numbers as there are classes, all 0 or 1, is always the vector: with two classes `[0, 1]` is
    /// the second class alone, as in Hugging Face data sets.
    fn list_from_cell(cell: Cell<'_>) -> Result<Vec<Self>> {
        let values = list::<Self>(&cell)?;
        if let Some(flags) = zero_one_vector(&values, L::COUNT) {
            let present = flags.iter().enumerate().filter(|(_, flag)| **flag);
            return Ok(present.filter_map(|(index, _)| L::from_index(index)).collect());
        }
        if values.iter().any(|value| value.is_boolean() || value.is_f64()) {
            return Err(cell
                .refused(ErrorKind::Label, said::no_vector(L::TYPE_NAME).as_str())
                .help(said::vector_or_names(L::COUNT).as_str()));
        }
        let mut classes: Vec<Self> = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let element = cell.element(index, value);
            let class = Self::from_cell(element)?;
            // A class named twice is most often a 0/1 vector of another length, read as indices.
            if classes.iter().any(|known: &L| known.index() == class.index()) {
                return Err(element
                    .refused(ErrorKind::Label, said::named_again(class.name()).as_str())
                    .help(said::each_once(L::COUNT).as_str()));
            }
            classes.push(class);
        }
        Ok(classes)
    }
}

impl<T: Column> Column for Vec<T> {
    const TAKES: Takes = match T::TAKES {
        // A type of its own may read a list in a way of its own.
        Takes::Anything => Takes::Anything,
        _ => Takes::List(&T::TAKES),
    };

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        T::list_from_cell(cell)
    }
}

impl<L: ClassLabel + Ord> Column for BTreeSet<L> {
    const TAKES: Takes = <Vec<L> as Column>::TAKES;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        L::list_from_cell(cell).map(Self::from_iter)
    }
}

impl<const N: usize> Column for [f32; N] {
    const TAKES: Takes = Takes::Numbers(N);

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        let numbers = f32::list_from_cell(cell)?;
        numbers.try_into().map_err(|numbers: Vec<f32>| {
            Error::new(ErrorKind::Data, format!("{cell} {}", said::other_length(numbers.len(), N).as_str()))
        })
    }
}

/// `None` for a missing column, for `null`, and for an empty cell of a CSV or TSV file.
impl<T: Column> Column for Option<T> {
    const TAKES: Takes = Takes::Optional(&T::TAKES);

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        if cell.is_empty() { Ok(None) } else { T::from_cell(cell).map(Some) }
    }
}

/// Reads each element of the list in `cell`.
pub(super) fn list_elements<T: Column>(cell: Cell<'_>) -> Result<Vec<T>> {
    let values = list::<T>(&cell)?;
    values.iter().enumerate().map(|(index, value)| T::from_cell(cell.element(index, value))).collect()
}

/// The error for a cell of another type, in the words that the compiler has for it too.
pub(super) fn unlike<T: Column>(cell: &Cell<'_>) -> Error {
    not_taken(cell, &T::TAKES)
}

fn not_taken(cell: &Cell<'_>, takes: &Takes) -> Error {
    let characters = matches!(cell.content(), Content::Text(_));
    let error = cell.expected(takes.expected(characters).as_str());
    if characters && takes.is_list_of_texts() { error.help(said::LISTS_ARE_JSON) } else { error }
}

/// A list of elements of this type.
struct ListOf<T>(PhantomData<T>);

impl<T: Column> ListOf<T> {
    const TAKES: Takes = Takes::List(&T::TAKES);
}

fn list<'a, T: Column>(cell: &Cell<'a>) -> Result<Cow<'a, [Value]>> {
    let unlike = || not_taken(cell, &ListOf::<T>::TAKES);
    match cell.content() {
        Content::Json(Value::Array(values)) => Ok(Cow::Borrowed(values)),
        Content::Text(text) => serde_json::from_str(text).map(Cow::Owned).map_err(|_| unlike()),
        _ => Err(unlike()),
    }
}

/// The flags, if these are `classes` values of which each is 0, 1, or a boolean.
fn zero_one_vector(values: &[Value], classes: usize) -> Option<Vec<bool>> {
    if values.len() != classes {
        return None;
    }
    let flag = |value: &Value| match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
        Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
        _ => None,
    };
    values.iter().map(flag).collect()
}

fn no_class<L: ClassLabel>(cell: &Cell<'_>, written: Option<&str>) -> Error {
    let error = cell.refused(ErrorKind::Label, said::no_class(L::TYPE_NAME).as_str());
    match written.and_then(|name| nearest(name, L::NAMES.iter().copied())) {
        Some(near) => error.help(said::did_you_mean(near).as_str()),
        None => with_classes::<L>(error),
    }
}

fn with_classes<L: ClassLabel>(error: Error) -> Error {
    error.help(said::classes(L::NAMES).as_str())
}
