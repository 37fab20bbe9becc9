//! Classes from what data files and people write: a name, or the number that data sets use.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Unexpected, Visitor};

use super::ClassLabel;
use crate::error::{Error, ErrorKind, Result};
use crate::nearest::nearest;

/// The class called `name`.
///
/// # Errors
/// [`ErrorKind::Label`] for a name that is no class, with the nearest one or all of them.
pub fn class_named<L: ClassLabel>(name: &str) -> Result<L> {
    L::from_name(name).ok_or_else(|| {
        let error = Error::new(ErrorKind::Label, format!("\"{name}\" is no class of `{}`", L::TYPE_NAME));
        error.help(classes_to_write::<L>(name))
    })
}

/// The class numbered `index`, from 0.
///
/// # Errors
/// [`ErrorKind::Label`] for a number from `COUNT` on.
pub fn class_numbered<L: ClassLabel>(index: usize) -> Result<L> {
    L::from_index(index).ok_or_else(|| {
        let last = L::COUNT.saturating_sub(1);
        Error::new(ErrorKind::Label, format!("{index} is no class of `{}`", L::TYPE_NAME))
            .help(format!("classes are numbered from 0 to {last}: {}", L::NAMES.join(", ")))
    })
}

/// Reads a class from its name or its number.
pub fn deserialize_class<'de, L: ClassLabel, D: Deserializer<'de>>(deserializer: D) -> Result<L, D::Error> {
    deserializer.deserialize_any(ClassVisitor(PhantomData))
}

struct ClassVisitor<L>(PhantomData<L>);

impl<L: ClassLabel> Visitor<'_> for ClassVisitor<L> {
    type Value = L;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a class of `{}`: {}", L::TYPE_NAME, L::NAMES.join(", "))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<L, E> {
        class_named(name).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, index: u64) -> Result<L, E> {
        let index = usize::try_from(index).map_err(|_| E::invalid_value(Unexpected::Unsigned(index), &self))?;
        class_numbered(index).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, index: i64) -> Result<L, E> {
        let index = usize::try_from(index).map_err(|_| E::invalid_value(Unexpected::Signed(index), &self))?;
        class_numbered(index).map_err(E::custom)
    }
}

fn classes_to_write<L: ClassLabel>(name: &str) -> String {
    match nearest(name, L::NAMES.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("its classes are: {}", L::NAMES.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error as ValueError, I64Deserializer, StrDeserializer};

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Rating {
        Negative,
        Neutral,
    }

    impl ClassLabel for Rating {
        const COUNT: usize = 2;
        const NAMES: &'static [&'static str] = &["negative", "neutral"];
        const TYPE_NAME: &'static str = "Rating";

        fn index(&self) -> usize {
            *self as usize
        }

        fn from_index(index: usize) -> Option<Self> {
            [Self::Negative, Self::Neutral].get(index).copied()
        }
    }

    #[test]
    fn a_misspelt_class_is_answered_with_the_nearest() {
        let error = class_named::<Rating>("neutal").unwrap_err();
        assert_eq!(error.to_string(), "\"neutal\" is no class of `Rating`\nhelp: did you mean \"neutral\"?");
        let error = class_named::<Rating>("wonderful").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"wonderful\" is no class of `Rating`\nhelp: its classes are: negative, neutral"
        );
    }

    #[test]
    fn a_class_is_read_from_its_name_or_its_number() {
        let name = StrDeserializer::<ValueError>::new("neutral");
        assert_eq!(deserialize_class::<Rating, _>(name).unwrap(), Rating::Neutral);
        let number = I64Deserializer::<ValueError>::new(0);
        assert_eq!(deserialize_class::<Rating, _>(number).unwrap(), Rating::Negative);
        let beyond = deserialize_class::<Rating, _>(I64Deserializer::<ValueError>::new(2)).unwrap_err();
        assert!(beyond.to_string().starts_with("2 is no class of `Rating`"), "{beyond}");
    }
}
