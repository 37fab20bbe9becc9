//! The label set: an enum whose variants are the classes.

use std::marker::PhantomData;

use super::LabelSet;
use crate::args::rules::{Verdict, Words};

/// A set of classes, as an enum of the user's; made by `#[derive(ClassLabel)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a label",
    label = "not a label type",
    note = "a label is an enum with `#[derive(ClassLabel, Clone, Copy, PartialEq)]`, a `Vec` or `BTreeSet` of it, an `f32`, or `[f32; N]`"
)]
pub trait ClassLabel: Sized + Send + Sync + 'static {
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

/// What an enum derives beside `ClassLabel`; what it does not, [`DerivesNothing`] answers for it.
#[doc(hidden)]
pub struct Derives<L>(PhantomData<L>);

impl<L: Copy> Derives<L> {
    /// Whether it is copied.
    pub const COPY: bool = true;
}

impl<L: PartialEq> Derives<L> {
    /// Whether it is compared.
    pub const PARTIAL_EQ: bool = true;
}

/// The answer where [`Derives`] has none of its own.
#[doc(hidden)]
pub trait DerivesNothing {
    /// Whether it is copied.
    const COPY: bool = false;
    /// Whether it is compared.
    const PARTIAL_EQ: bool = false;
}

impl<L> DerivesNothing for Derives<L> {}

/// A label set is copied and compared. This is no bound of the trait, whose answer would be repeated wherever the enum is used.
#[doc(hidden)]
pub const fn label_set_is_copied_and_compared(name: &str, copy: bool, partial_eq: bool) -> Verdict {
    let missing = match (copy, partial_eq) {
        (true, true) => return Verdict::Accepted,
        (false, true) => "`Copy`",
        (true, false) => "`PartialEq`",
        (false, false) => "`Copy` and `PartialEq`",
    };
    let message = Words::new().then("`").then(name).then("` does not derive ").then(missing);
    let message = message.then(", but classes are copied and compared");
    Verdict::refused(message, Words::new().then("`#[derive(ClassLabel, Clone, Copy, PartialEq)]`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq)]
    struct Both;

    #[derive(Clone, PartialEq)]
    struct Compared;

    struct Neither;

    #[test]
    fn what_is_derived_is_seen_and_what_is_not_is_answered() {
        const { assert!(Derives::<Both>::COPY && Derives::<Both>::PARTIAL_EQ) };
        const { assert!(!Derives::<Compared>::COPY && Derives::<Compared>::PARTIAL_EQ) };
        const { assert!(!Derives::<Neither>::COPY && !Derives::<Neither>::PARTIAL_EQ) };
        assert!(label_set_is_copied_and_compared("Rating", true, true).is_accepted());
        let Verdict::Refused { message, .. } = label_set_is_copied_and_compared("Rating", false, true) else {
            panic!("an enum that is not copied was accepted")
        };
        assert_eq!(message.as_str(), "`Rating` does not derive `Copy`, but classes are copied and compared");
    }
}
