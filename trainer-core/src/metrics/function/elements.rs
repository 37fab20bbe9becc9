//! What a metric function's arguments are over: a class, several, a number, several, or a token.

use super::kept::Column;
use crate::data::{ClassLabel, LabelSet};
use crate::error::{Error, ErrorKind, Result};

/// What is predicted for an item: a class, several classes (`Vec<L>`), a number, several (`[f32; N]`), or a token (`u32`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a model predicts",
    label = "not a label type",
    note = "the label type is an enum with `#[derive(ClassLabel)]`, a `Vec` of it where an item can have several classes, \
            `f32`, `[f32; N]`, or `u32` for a token of the vocabulary"
)]
pub trait MetricElement: Sized {
    /// The classes that it speaks of.
    const LABELS: Option<LabelSet>;

    /// That the column holds such things, of this width.
    #[doc(hidden)]
    fn check(column: &Column, outputs: usize) -> Result<()>;

    /// The one of an item, in a column that was checked.
    #[doc(hidden)]
    fn at(column: &Column, outputs: usize, item: usize) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<L: ClassLabel> MetricElement for L {
    const LABELS: Option<LabelSet> = Some(LabelSet { type_name: L::TYPE_NAME, names: L::NAMES });

    fn check(column: &Column, outputs: usize) -> Result<()> {
        match column {
            Column::Empty => Ok(()),
            Column::Classes(_) => check_classes::<L>(outputs),
            Column::Sets(_) => Err(does_not_fit(L::TYPE_NAME, "here an item can have several classes")
                .help(format!("write `Vec<{}>` for the classes of an item", L::TYPE_NAME))),
            Column::Numbers(_) => {
                Err(does_not_fit(L::TYPE_NAME, "here the model predicts numbers").help("write `f32`"))
            }
            Column::Tokens(_) => Err(is_a_token(L::TYPE_NAME)),
        }
    }

    fn at(column: &Column, _: usize, item: usize) -> Option<Self> {
        let Column::Classes(classes) = column else { return None };
        L::from_index(*classes.get(item)? as usize)
    }
}

#[diagnostic::do_not_recommend]
impl<L: ClassLabel> MetricElement for Vec<L> {
    const LABELS: Option<LabelSet> = Some(LabelSet { type_name: L::TYPE_NAME, names: L::NAMES });

    fn check(column: &Column, outputs: usize) -> Result<()> {
        match column {
            Column::Empty => Ok(()),
            Column::Sets(_) => check_classes::<L>(outputs),
            Column::Classes(_) => Err(does_not_fit(&format!("Vec<{}>", L::TYPE_NAME), "here each item has one class")
                .help(format!("write `{}`", L::TYPE_NAME))),
            Column::Numbers(_) => {
                Err(does_not_fit(&format!("Vec<{}>", L::TYPE_NAME), "here the model predicts numbers")
                    .help("write `f32`"))
            }
            Column::Tokens(_) => Err(is_a_token(&format!("Vec<{}>", L::TYPE_NAME))),
        }
    }

    fn at(column: &Column, outputs: usize, item: usize) -> Option<Self> {
        let Column::Sets(sets) = column else { return None };
        let row = sets.chunks_exact(outputs.max(1)).nth(item)?;
        Some(row.iter().enumerate().filter(|(_, has)| **has).filter_map(|(class, _)| L::from_index(class)).collect())
    }
}

#[diagnostic::do_not_recommend]
impl MetricElement for f32 {
    const LABELS: Option<LabelSet> = None;

    fn check(column: &Column, outputs: usize) -> Result<()> {
        check_numbers(column, outputs, 1, "f32")
    }

    fn at(column: &Column, _: usize, item: usize) -> Option<Self> {
        let Column::Numbers(numbers) = column else { return None };
        numbers.get(item).copied()
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> MetricElement for [f32; N] {
    const LABELS: Option<LabelSet> = None;

    fn check(column: &Column, outputs: usize) -> Result<()> {
        check_numbers(column, outputs, N, &format!("[f32; {N}]"))
    }

    fn at(column: &Column, outputs: usize, item: usize) -> Option<Self> {
        let Column::Numbers(numbers) = column else { return None };
        numbers.chunks_exact(outputs.max(1)).nth(item)?.try_into().ok()
    }
}

#[diagnostic::do_not_recommend]
impl MetricElement for u32 {
    const LABELS: Option<LabelSet> = None;

    fn check(column: &Column, _: usize) -> Result<()> {
        match column {
            Column::Empty | Column::Tokens(_) => Ok(()),
            Column::Classes(_) | Column::Sets(_) => {
                Err(does_not_fit("u32", "here the model predicts classes").help("write the label type of the task"))
            }
            Column::Numbers(_) => Err(does_not_fit("u32", "here the model predicts numbers").help("write `f32`")),
        }
    }

    fn at(column: &Column, _: usize, item: usize) -> Option<Self> {
        let Column::Tokens(tokens) = column else { return None };
        tokens.get(item).copied()
    }
}

fn is_a_token(element: &str) -> Error {
    does_not_fit(element, "here the model predicts tokens of a vocabulary").help("write `u32`")
}

pub(super) fn check_classes<L: ClassLabel>(outputs: usize) -> Result<()> {
    if outputs == L::COUNT {
        return Ok(());
    }
    let found = format!("`{}` has {} classes, but the model gives {outputs} scores", L::TYPE_NAME, L::COUNT);
    Err(Error::new(ErrorKind::Metric, found).help("write the metric over the label type of the task"))
}

fn check_numbers(column: &Column, outputs: usize, width: usize, element: &str) -> Result<()> {
    match column {
        Column::Empty => Ok(()),
        Column::Numbers(_) if outputs == width => Ok(()),
        Column::Numbers(_) => Err(does_not_fit(element, &format!("here the model predicts {outputs} numbers"))
            .help(if outputs == 1 { "write `f32`".to_owned() } else { format!("write `[f32; {outputs}]`") })),
        Column::Classes(_) | Column::Sets(_) => {
            Err(does_not_fit(element, "here the model predicts classes").help("write the label type of the task"))
        }
        Column::Tokens(_) => Err(is_a_token(element)),
    }
}

pub(super) fn does_not_fit(element: &str, here: &str) -> Error {
    Error::new(ErrorKind::Metric, format!("an argument is over `{element}`, but {here}"))
}
