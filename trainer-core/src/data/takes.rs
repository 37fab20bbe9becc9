//! What a field's type takes from a column, as a value that the compiler can compare with what a file holds.
//!
//! What comes in: the type, through [`Column::TAKES`](super::Column::TAKES). What goes out: the words in which both the
//! compiler and the reader of a file say what they expected.

use super::LabelSet;
use crate::args::rules::Words;

/// What a type takes from a column of a data file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Takes {
    /// Nobody knows before the row is read: a type that is read in a way of its own.
    Anything,
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number within these bounds, both included.
    Whole {
        /// The least.
        least: i128,
        /// The greatest.
        most: i128,
    },
    /// A number that is finite as an `f32`.
    Single,
    /// A finite number.
    Double,
    /// A class, by its name or its index.
    Class(LabelSet),
    /// A list of these; of classes also as a vector of 0 and 1.
    List(&'static Takes),
    /// A list of so many finite numbers.
    Numbers(usize),
    /// What the other takes, or nothing.
    Optional(&'static Takes),
}

impl Takes {
    /// What is expected, to be put after "expected"; `characters` are the cells of CSV and TSV files.
    pub(crate) const fn expected(&self, characters: bool) -> Words {
        let words = Words::new();
        match self {
            Self::Anything => words.then("something else"),
            Self::Text => words.then("a text"),
            Self::Flag => words.then("`true` or `false`"),
            Self::Whole { least, most } => words.then("a whole number from ").number(*least).then(" to ").number(*most),
            Self::Single | Self::Double => words.then("a number"),
            Self::Class(labels) => words.then("a class of `").then(labels.type_name).then("`"),
            Self::List(_) | Self::Numbers(_) if characters => {
                words.then("a list, written as a JSON array such as `[1, 2]`")
            }
            Self::List(_) | Self::Numbers(_) => words.then("a list"),
            Self::Optional(inner) => inner.expected(characters),
        }
    }

    /// The classes that it takes one or several of, if it takes classes.
    pub(crate) const fn classes(&self) -> Option<LabelSet> {
        match self {
            Self::Class(labels) => Some(*labels),
            Self::List(inner) | Self::Optional(inner) => inner.classes(),
            _ => None,
        }
    }
}

/// Words that are said while compiling and while reading alike, each at one place.
pub(crate) mod said {
    use super::Words;

    /// A number that the type cannot hold.
    pub(crate) const NOT_FINITE: &str = "which is not a finite number of this type";
    /// What to do with a row without numbers.
    pub(crate) const GIVE_NUMBERS: &str = "leave the row out, or give it numbers";
    /// What to do with a row without a text.
    pub(crate) const GIVE_A_TEXT: &str = "leave the row out, or give it a text";

    /// What a name or index is that no class has.
    pub(crate) const fn no_class(type_name: &str) -> Words {
        Words::new().then("which is no class of `").then(type_name).then("`")
    }

    /// All classes.
    pub(crate) const fn classes(names: &[&str]) -> Words {
        const SHOWN: usize = 20;
        let words = Words::new().then("its classes, in order from 0, are ");
        if names.len() <= SHOWN {
            return words.list(names);
        }
        let (first, rest) = names.split_at(SHOWN);
        words.list(first).then(", and ").number(rest.len() as i128).then(" more")
    }

    /// The class that was probably meant.
    pub(crate) const fn did_you_mean(name: &str) -> Words {
        Words::new().then("did you mean \"").then(name).then("\"?")
    }

    /// What a list with other numbers than 0 and 1 is.
    pub(crate) const fn no_vector(type_name: &str) -> Words {
        Words::new().then("which is no 0/1 vector for the classes of `").then(type_name).then("`")
    }

    /// How several classes are written.
    pub(crate) const fn vector_or_names(classes: usize) -> Words {
        Words::new().number(classes as i128).then(" numbers, each 0 or 1, or a list of the classes' names")
    }

    /// A class that a list names twice.
    pub(crate) const fn named_again(name: &str) -> Words {
        Words::new().then("and names the class `").then(name).then("` again")
    }

    /// How often a class can be named.
    pub(crate) const fn each_once(classes: usize) -> Words {
        Words::new().then("each class once, or a vector of ").number(classes as i128).then(" numbers, each 0 or 1")
    }

    /// A list of another length than the type.
    pub(crate) const fn other_length(numbers: usize, expected: usize) -> Words {
        Words::new().then("has ").number(numbers as i128).then(" numbers, expected ").number(expected as i128)
    }
}
