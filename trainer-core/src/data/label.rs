//! The label set: an enum whose variants are the classes.

use super::LabelSet;

/// A set of classes, as an enum of the user's; made by `#[derive(ClassLabel)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a label",
    label = "not a label type",
    note = "a label is an enum with `#[derive(ClassLabel, Clone, Copy, PartialEq)]`, a `Vec` or `BTreeSet` of it, an `f32`, or `[f32; N]`"
)]
pub trait ClassLabel: Copy + PartialEq + Send + Sync + 'static {
    /// How many classes there are, at least two.
    const COUNT: usize;
    /// The classes' names in order, as data files and `config.json` spell them.
    const NAMES: &'static [&'static str];
    /// The enum's own name, for messages.
    const TYPE_NAME: &'static str;

    /// The position of this class, `0..COUNT`.
    fn index(&self) -> usize;

    /// The class at a position; `None` from `COUNT` on.
    fn from_index(index: usize) -> Option<Self>;

    /// The class's name.
    fn name(&self) -> &'static str {
        Self::NAMES[self.index()]
    }

    /// The class of this name, spelled exactly.
    fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).and_then(Self::from_index)
    }
}

/// The classes of `L`, as a value.
pub(super) const fn label_set<L: ClassLabel>() -> LabelSet {
    LabelSet { type_name: L::TYPE_NAME, names: L::NAMES }
}
