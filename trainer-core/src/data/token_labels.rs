//! Labels of examples that are tokenised already: which types of fields hold them.

use std::collections::BTreeSet;

use super::cell::Cell;
use super::column::unlike;
use super::takes::NOTHING;
use super::{ClassLabel, Column, IGNORE, LabelColumn, LanguageModeling, Row, Takes, Target, Task};
use crate::error::Result;

/// A type that can hold the `labels` of `input_ids`: all that a label can be, and a token id for each token.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the `labels` of `input_ids`",
    label = "not a type of labels",
    note = "the `labels` of `input_ids` are an enum with `#[derive(ClassLabel, Clone, Copy, PartialEq)]`, a `Vec` or `BTreeSet` of it, an `f32`, `[f32; N]`, or a `Vec<i64>` with the token to find at each place (-100 where there is none); the class of each token has the role `tags`"
)]
pub trait TokenisedLabels: Sized {
    /// The task of examples that have such labels.
    type Task: Task;
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The labels as the loss takes them.
    fn target(&self) -> Target;
}

/// What a label can be, the labels of tokens can be too. Of each type by itself: of all that are a `LabelColumn`, the compiler
/// would answer for another type twice.
macro_rules! labels_of_texts {
    ($([$($parameters:tt)*] $label:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($parameters)*> TokenisedLabels for $label {
            type Task = <Self as LabelColumn>::Task;
            const TAKES: Takes = <Self as LabelColumn>::TAKES;

            fn read(row: &Row<'_>, column: &str) -> Result<Self> {
                <Self as LabelColumn>::read(row, column)
            }

            fn target(&self) -> Target {
                <Self as LabelColumn>::target(self)
            }
        }
    )*};
}

labels_of_texts! {
    [L: ClassLabel] L;
    [L: ClassLabel] Vec<L>;
    [L: ClassLabel + Ord] BTreeSet<L>;
    [] f32;
    [const N: usize] [f32; N];
}

/// A token id for each token, -100 where nothing has to be found.
#[diagnostic::do_not_recommend]
impl TokenisedLabels for Vec<i64> {
    type Task = LanguageModeling;
    const TAKES: Takes = <Vec<TokenLabel> as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        let labels: Vec<TokenLabel> = row.column(column)?;
        Ok(labels.into_iter().map(|TokenLabel(label)| label).collect())
    }

    fn target(&self) -> Target {
        Target::Tokens(self.iter().map(|label| u32::try_from(*label).unwrap_or(IGNORE)).collect())
    }
}

/// A type that can hold `target_ids`: the text that has to be written, tokenised already.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold `target_ids`",
    label = "not token ids",
    note = "a field with the role `target_ids` is a `Vec<u32>`, or a `Vec<i64>` where -100 stands for padding"
)]
pub trait TargetIdsField: Sized {
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads it from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The ids as the loss takes them.
    fn target(&self) -> Target;
}

#[diagnostic::do_not_recommend]
impl TargetIdsField for Vec<u32> {
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn target(&self) -> Target {
        Target::Tokens(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl TargetIdsField for Vec<i64> {
    const TAKES: Takes = <Self as TokenisedLabels>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        <Self as TokenisedLabels>::read(row, column)
    }

    fn target(&self) -> Target {
        <Self as TokenisedLabels>::target(self)
    }
}

/// A token id, or that there is nothing to find.
struct TokenLabel(i64);

impl Column for TokenLabel {
    const TAKES: Takes = Takes::TokenLabel;

    fn from_cell(cell: Cell<'_>) -> Result<Self> {
        let is_label = |label: &i64| i128::from(*label) == NOTHING || (0..i64::from(IGNORE)).contains(label);
        i64::from_cell(cell).ok().filter(is_label).map(Self).ok_or_else(|| unlike::<Self>(&cell))
    }
}
