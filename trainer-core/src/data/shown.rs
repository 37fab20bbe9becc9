//! Fields that a template can show.
//!
//! What comes in: a field of an example, of any type. What goes out: its text, if its type has one. `#[derive(Example)]`
//! asks for every field, and the rules of `formatting` answer a placeholder whose field has none.

use super::ClassLabel;

/// A type whose values can stand in a template.
pub trait TemplateField {
    /// The value as it stands in the template; nothing for `None`.
    fn text(&self) -> String;
}

impl TemplateField for String {
    fn text(&self) -> String {
        self.clone()
    }
}

impl<L: ClassLabel> TemplateField for L {
    fn text(&self) -> String {
        L::NAMES.get(self.index()).copied().unwrap_or_default().to_owned()
    }
}

impl<T: TemplateField> TemplateField for Option<T> {
    fn text(&self) -> String {
        self.as_ref().map(T::text).unwrap_or_default()
    }
}

/// Implements [`TemplateField`] for types that print themselves.
macro_rules! printed {
    ($($name:ty),+) => {
        $(impl TemplateField for $name {
            fn text(&self) -> String {
                self.to_string()
            }
        })+
    };
}

printed!(bool, i8, i16, i32, i64, u8, u16, u32, u64, usize, isize, f32, f64);

/// A field of an example, to be shown if its type can be: what is here is for types that can, and hides [`NotShown`].
pub struct Shown<'a, T>(pub &'a T);

impl<T: TemplateField> Shown<'_, T> {
    /// Whether a template can show it.
    pub const IS_SHOWN: bool = true;

    /// Its text.
    pub fn text(&self) -> Option<String> {
        Some(self.0.text())
    }
}

/// What [`Shown`] says of every other type.
pub trait NotShown {
    /// Whether a template can show it.
    const IS_SHOWN: bool = false;

    /// No text.
    fn text(&self) -> Option<String> {
        None
    }
}

impl<T> NotShown for Shown<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_print_themselves_have_a_text_and_others_have_none() {
        assert_eq!(Shown(&"good".to_owned()).text().as_deref(), Some("good"));
        assert_eq!(Shown(&Some(4u32)).text().as_deref(), Some("4"));
        assert_eq!(Shown(&None::<String>).text().as_deref(), Some(""));
        assert_eq!(Shown(&vec![1u32]).text(), None);
        const { assert!(Shown::<f32>::IS_SHOWN && !Shown::<Vec<String>>::IS_SHOWN) };
    }
}
