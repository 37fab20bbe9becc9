//! What was seen in a data file while compiling, and whether a field's type takes it.
//!
//! What comes in: the summary of a file, which `#[derive(Example)]` writes into the program as a constant, and what the
//! fields' types take. What goes out: a verdict for each column, in the words of the reader that would refuse the same
//! row when the program runs. A summary holds no rows: for each column it has the values on which a verdict can depend.

mod lists;
mod nearest;
mod rules;
#[cfg(test)]
mod tests;

pub use crate::args::rules::{Verdict, accept};
pub use lists::{labels_are_as_long, lists_are_as_long, no_list_is_empty};
pub use rules::{column_is_there, kind_fits, some_class_is_missing};

/// What was seen in a data file.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The file as the attribute names it, for messages.
    pub file: &'static str,
    /// How many rows it has, if that is known.
    pub rows: Option<usize>,
    /// Whether every row was looked at.
    pub complete: bool,
    /// Whether its cells are characters, which have no type: CSV and TSV.
    pub characters: bool,
    /// Whether it has no lines, and its rows are numbered: Parquet.
    pub numbered: bool,
    /// The columns that fields are read from, in the order of the struct.
    pub columns: &'static [ColumnSeen],
}

/// What was seen in a column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSeen {
    /// The column's name.
    pub name: &'static str,
    /// The rows without it.
    pub missing: Option<Missing>,
    /// Values, by line: of each kind the first; of whole numbers the least and the greatest, of others the greatest in
    /// size; of labels each that is different from the others.
    pub values: &'static [Value],
    /// Whether each different text and whole number is among the values, with the number of rows that have it.
    pub distinct: bool,
    /// What is in its lists, if it has any.
    pub lists: Option<&'static Lists>,
}

/// Rows that have no such column.
#[derive(Clone, Copy, Debug)]
pub struct Missing {
    /// The first of them; of a CSV or TSV file the header.
    pub line: usize,
    /// How many there are.
    pub rows: usize,
    /// The column that was perhaps meant, and those that this row has.
    pub help: &'static str,
}

/// What kind of a value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `null`, or no character between two separators.
    Null,
    /// `true` or `false`.
    Flag,
    /// A number without a fraction.
    Whole,
    /// Any other number.
    Real,
    /// A text.
    Text,
    /// A text with nothing to read in it, where the field is a text of the model's.
    Blank,
    /// A list.
    List,
    /// An object.
    Object,
}

/// A value of a column, or an element of its lists.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// What it is; of characters, what they can be read as.
    pub kind: Kind,
    /// The line of the row.
    pub line: usize,
    /// How many rows have it: this text or whole number of a label, of other values one of this kind.
    pub rows: usize,
    /// Its position in its list.
    pub index: Option<usize>,
    /// How a message shows it.
    pub shown: &'static str,
    /// A text of at most 80 bytes, or the characters of the cell; else empty.
    pub text: &'static str,
    /// A whole number.
    pub whole: i128,
    /// A number that is not whole.
    pub real: f64,
}

/// What the lists of a column hold.
#[derive(Clone, Copy, Debug)]
pub struct Lists {
    /// Elements, chosen as [`ColumnSeen::values`]; for labels without the elements of [`Lists::vectors`].
    pub elements: &'static [Value],
    /// The shortest.
    pub shortest: Length,
    /// The longest.
    pub longest: Length,
    /// Labels: lists of 0, 1 and truth values only, by their length.
    pub vectors: &'static [Vector],
    /// Labels: an element of another list that is in the list twice.
    pub repeated: Option<Value>,
}

/// How long a list is.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// The line of the row.
    pub line: usize,
    /// Its number of elements.
    pub length: usize,
}

/// Lists of 0, 1 and truth values.
#[derive(Clone, Copy, Debug)]
pub struct Vector {
    /// How many elements each has.
    pub length: usize,
    /// The line of the first.
    pub line: usize,
    /// Its first element.
    pub first: Value,
    /// The first element of any that is a truth value or has a fraction of 0.
    pub odd: Option<Value>,
    /// The first element of any that is in its list twice.
    pub repeated: Option<Value>,
}
