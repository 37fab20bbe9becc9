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
    /// The class of one word, by its name or its index.
    Tag(LabelSet),
    /// The class of one word, or that it has none: `null` or -100.
    TagOrNothing(LabelSet),
    /// A token id, or -100 where there is none.
    TokenLabel,
    /// One turn of a conversation: `role` and `content`.
    Message,
    /// A list of these; of [classes](Self::Class) also as a vector of 0 and 1.
    List(&'static Takes),
    /// A list of so many finite numbers.
    Numbers(usize),
    /// What the other takes, or nothing.
    Optional(&'static Takes),
}

/// What says in data sets that a token counts nothing.
pub(crate) const NOTHING: i128 = -100;

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
            Self::Class(labels) | Self::Tag(labels) => words.then("a class of `").then(labels.type_name).then("`"),
            Self::TagOrNothing(labels) => words.then("a class of `").then(labels.type_name).then("`, or `null`"),
            Self::TokenLabel => words.then("a token id, or -100"),
            Self::Message => words.then("a message with `role` and `content`"),
            Self::List(_) | Self::Numbers(_) if characters => {
                let example = match self {
                    Self::List(Self::Message) => "[{\"role\": \"user\", \"content\": \"…\"}]",
                    Self::List(inner) if inner.is_written() => "[\"a\", \"b\"]",
                    _ => "[1, 2]",
                };
                words.then("a list, written as a JSON array such as `").then(example).then("`")
            }
            Self::List(_) | Self::Numbers(_) => words.then("a list"),
            Self::Optional(inner) => inner.expected(characters),
        }
    }

    /// Whether it is a list of texts, which a cell of a CSV or TSV file hardly ever holds.
    pub(crate) const fn is_list_of_texts(&self) -> bool {
        match self {
            Self::Optional(inner) => inner.is_list_of_texts(),
            Self::List(inner) => inner.is_written() || matches!(inner, Self::Message),
            _ => false,
        }
    }

    /// Whether it is written as a text.
    const fn is_written(&self) -> bool {
        matches!(self, Self::Text | Self::Tag(_) | Self::TagOrNothing(_))
    }

    /// The classes that it takes one or several of, if it takes classes.
    pub(crate) const fn classes(&self) -> Option<LabelSet> {
        match self {
            Self::Class(labels) | Self::Tag(labels) | Self::TagOrNothing(labels) => Some(*labels),
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

    /// How many labels of tokens there are.
    pub(crate) const A_LABEL_FOR_EACH: &str = "one number for each token, -100 where there is none";
    /// What helps where a cell of a CSV or TSV file has to be a list of texts.
    pub(crate) const LISTS_ARE_JSON: &str =
        "a cell of CSV and TSV is one text; JSONL has lists: one object a line, such as `{\"tokens\": [\"a\", \"b\"]}`";
    /// What helps where a word has no class, and its type must have one.
    pub(crate) const TAGS_OR_NOTHING: &str =
        "a field of the type `Vec<Option<…>>` takes `null` and -100 where a word has no class";

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
