//! The types that a label can have, and the task that each decides.

use std::collections::BTreeSet;

use super::{
    ClassLabel, Column, LabelColumn, MultiLabelClassification, Regression, Row, SequenceClassification, Takes, Target,
};
use crate::error::Result;

#[diagnostic::do_not_recommend]
impl<L: ClassLabel> LabelColumn for L {
    type Task = SequenceClassification<L>;
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn target(&self) -> Target {
        Target::Class(self.index() as u32)
    }
}

#[diagnostic::do_not_recommend]
impl<L: ClassLabel> LabelColumn for Vec<L> {
    type Task = MultiLabelClassification<L>;
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn target(&self) -> Target {
        multi_hot(self)
    }
}

#[diagnostic::do_not_recommend]
impl<L: ClassLabel + Ord> LabelColumn for BTreeSet<L> {
    type Task = MultiLabelClassification<L>;
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn target(&self) -> Target {
        multi_hot(self)
    }
}

#[diagnostic::do_not_recommend]
impl LabelColumn for f32 {
    type Task = Regression<1>;
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn target(&self) -> Target {
        Target::Values(vec![*self])
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> LabelColumn for [f32; N] {
    type Task = Regression<N>;
    const TAKES: Takes = <Self as Column>::TAKES;

    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        row.column(column)
    }

    fn target(&self) -> Target {
        Target::Values(self.to_vec())
    }
}

fn multi_hot<'a, L: ClassLabel>(present: impl IntoIterator<Item = &'a L>) -> Target {
    let mut flags = vec![0.0; L::COUNT];
    for class in present {
        if let Some(flag) = flags.get_mut(class.index()) {
            *flag = 1.0;
        }
    }
    Target::MultiHot(flags)
}
