//! The types that a label can have, and the task that each decides.

use std::collections::BTreeSet;

use super::{ClassLabel, LabelColumn, MultiLabelClassification, Regression, SequenceClassification, Target};

impl<L: ClassLabel> LabelColumn for L {
    type Task = SequenceClassification<L>;

    fn target(&self) -> Target {
        Target::Class(self.index() as u32)
    }
}

impl<L: ClassLabel> LabelColumn for Vec<L> {
    type Task = MultiLabelClassification<L>;

    fn target(&self) -> Target {
        multi_hot(self)
    }
}

impl<L: ClassLabel> LabelColumn for BTreeSet<L> {
    type Task = MultiLabelClassification<L>;

    fn target(&self) -> Target {
        multi_hot(self)
    }
}

impl LabelColumn for f32 {
    type Task = Regression<1>;

    fn target(&self) -> Target {
        Target::Values(vec![*self])
    }
}

impl<const N: usize> LabelColumn for [f32; N] {
    type Task = Regression<N>;

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
