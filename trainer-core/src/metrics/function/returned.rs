//! What a metric function can return.

use std::marker::PhantomData;

use serde::Serialize;

use super::values;
use super::values::WHAT_TO_RETURN;
use crate::args::rules::{Verdict, Words};
use crate::error::Result;
use crate::metrics::MetricValue;

/// A type that a `#[metric]` function can return.
#[diagnostic::on_unimplemented(
    message = "a metric cannot return `{Self}`",
    label = "not what a metric can return",
    note = "a metric returns `f64`, `Option<f64>`, `[(&'static str, f64); N]`, or a struct of numbers that derives `Serialize`"
)]
pub trait MetricReturn: Sized {
    /// What was returned, as values of the metric `name`.
    fn values(self, name: &str) -> Result<Vec<MetricValue>>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> MetricReturn for T {
    fn values(self, name: &str) -> Result<Vec<MetricValue>> {
        values(name, self)
    }
}

/// What a function under `#[metric]` returns, where it can be written and is no value all the same; [`IsAValue`] answers
/// for all other types.
#[doc(hidden)]
pub struct Returned<T>(PhantomData<T>);

/// The answer where [`Returned`] has none of its own.
#[doc(hidden)]
pub trait IsAValue {
    /// What it is, if it is no value.
    const INSTEAD: &'static str = "";
    /// Whether it is one value, whose key is the metric's name.
    const IS_ONE: bool = false;
}

impl<T> IsAValue for Returned<T> {}

impl Returned<f64> {
    /// It is one value.
    pub const IS_ONE: bool = true;
}

impl Returned<Option<f64>> {
    /// It is one value.
    pub const IS_ONE: bool = true;
}

macro_rules! no_values {
    ($(($($generic:tt)*) $ty:ty: $instead:literal;)*) => {
        $(
            impl<$($generic)*> Returned<$ty> {
                /// What it is.
                pub const INSTEAD: &'static str = $instead;
            }
        )*
    };
}

no_values! {
    () String: "a text";
    ('a) &'a str: "a text";
    () char: "a text";
    () bool: "true or false";
    () (): "nothing";
    () Option<String>: "a text";
    () Option<bool>: "true or false";
    (T, E) std::result::Result<T, E>: "a `Result`";
    () Vec<f64>: "a list of numbers without names";
    () Vec<f32>: "a list of numbers without names";
    (const N: usize) [f64; N]: "a list of numbers without names";
    (const N: usize) [f32; N]: "a list of numbers without names";
    (A, B) (A, B): "a pair";
    (A, B, C) (A, B, C): "several things without names";
}

/// A metric returns a number, or several with their names.
///
/// Any struct that derives `Serialize` could be several numbers; whether it is, only a run can say.
#[doc(hidden)]
pub const fn metric_returns_a_value(name: &str, instead: &str) -> Verdict {
    if instead.is_empty() {
        return Verdict::Accepted;
    }
    let message = Words::new().then("`").then(name).then("` returns ").then(instead);
    Verdict::refused(message, Words::new().then(WHAT_TO_RETURN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The compiler and the run say the same of a value that can be told by its type.
    #[test]
    fn a_type_is_refused_where_its_value_would_be_with_the_same_help() {
        fn at_run_time<T: Serialize>(value: T) -> String {
            values("near", value).unwrap_err().to_string()
        }
        let at_compile_time = |instead: &str| match metric_returns_a_value("near", instead) {
            Verdict::Refused { message, help } => format!("{}\nhelp: {}", message.as_str(), help.as_str()),
            Verdict::Accepted => String::new(),
        };
        assert_eq!(at_compile_time(Returned::<String>::INSTEAD), at_run_time("good"));
        assert_eq!(at_compile_time(Returned::<bool>::INSTEAD), at_run_time(true));
        assert_eq!(at_compile_time(Returned::<f64>::INSTEAD), "");
        assert_eq!(at_compile_time(Returned::<Option<f64>>::INSTEAD), "");
        assert_eq!(at_compile_time(Returned::<[(&'static str, f64); 2]>::INSTEAD), "");
    }
}
