//! Which types of fields can hold which roles.
//!
//! `#[derive(Example)]` asks the compiler through these traits, so that a type that cannot hold its role is answered at
//! the type, with the types that can.

use super::{Column, Row, Takes};
use crate::error::Result;

/// A type that can hold a `text`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a `text`",
    label = "not a text",
    note = "a field with the role `text` is a `String`"
)]
pub trait TextField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The text.
    fn text(&self) -> &str;
}

#[diagnostic::do_not_recommend]
impl TextField for String {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn text(&self) -> &str {
        self
    }
}

/// A type that can hold a `text_pair`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a `text_pair`",
    label = "not a text",
    note = "a field with the role `text_pair` is a `String`, or an `Option<String>` if only some rows have a second text"
)]
pub trait TextPairField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The second text, if this row has one.
    fn pair(&self) -> Option<&str>;
}

#[diagnostic::do_not_recommend]
impl TextPairField for String {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn pair(&self) -> Option<&str> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl TextPairField for Option<String> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn pair(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// A type that can hold `input_ids`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `input_ids`",
    label = "not token ids",
    note = "a field with the role `input_ids` is a `Vec<u32>`"
)]
pub trait InputIdsField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The ids.
    fn ids(&self) -> &[u32];
}

#[diagnostic::do_not_recommend]
impl InputIdsField for Vec<u32> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn ids(&self) -> &[u32] {
        self
    }
}

/// A type that can hold one small number for each token: an `attention_mask`, or `token_type_ids`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold an `attention_mask` or `token_type_ids`",
    label = "not a number for each token",
    note = "a field with this role is a `Vec<u32>`, or an `Option<Vec<u32>>` if only some rows have it"
)]
pub trait TokenMarksField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The numbers, one for each token, if this row has them.
    fn marks(&self) -> Option<&[u32]>;
}

#[diagnostic::do_not_recommend]
impl TokenMarksField for Vec<u32> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn marks(&self) -> Option<&[u32]> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl TokenMarksField for Option<Vec<u32>> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn marks(&self) -> Option<&[u32]> {
        self.as_deref()
    }
}

/// A type that can hold `features`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `features`",
    label = "not numbers",
    note = "a field with the role `features` is a `Vec<f32>` or `[f32; N]`"
)]
pub trait FeaturesField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The numbers.
    fn features(&self) -> &[f32];
}

#[diagnostic::do_not_recommend]
impl FeaturesField for Vec<f32> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn features(&self) -> &[f32] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> FeaturesField for [f32; N] {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn features(&self) -> &[f32] {
        self
    }
}

/// A type that can be read from a column and kept.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a column of a data file",
    label = "not a type of a column",
    note = "a column is a `String`, a number, a `bool`, an enum with `#[derive(ClassLabel)]`, a `Vec` of these, or an `Option` of any"
)]
pub trait ExtraField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Column> ExtraField for T {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }
}
