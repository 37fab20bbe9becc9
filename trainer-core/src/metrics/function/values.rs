//! The return value of a metric function as metric values.

use serde::Serialize;
use serde_json::Value;

use super::super::MetricValue;
use crate::error::{Error, ErrorKind, Result};

/// What the compiler says too, of the types that it can tell.
pub(super) const WHAT_TO_RETURN: &str =
    "return `f64`, `Option<f64>`, `[(&'static str, f64); N]`, or a struct of numbers that derives `Serialize`";

/// The return value of the metric `name` as values.
///
/// A number, or an `Option` of one, is the value of `name`. A list of `(key, number)` pairs, a struct with numbers in
/// its fields or a map to numbers are several values, under `name_key`. `None` is undefined, and so is a number that is
/// NaN or infinite.
///
/// # Errors
/// [`ErrorKind::Metric`] for anything else.
pub fn values(name: &str, value: impl Serialize) -> Result<Vec<MetricValue>> {
    let value =
        serde_json::to_value(value).map_err(|source| unreadable(name, "what cannot be read").caused_by(source))?;
    let of_key = |key: &str, value: &Value| match number(value) {
        Some(value) => Ok(MetricValue { key: format!("{name}_{key}"), value }),
        None => Err(unreadable(name, &format!("{} for `{key}`", described(value)))),
    };
    if let Some(value) = number(&value) {
        return Ok(vec![MetricValue { key: name.to_owned(), value }]);
    }
    let several: Vec<MetricValue> = match &value {
        Value::Object(fields) => fields.iter().map(|(key, value)| of_key(key, value)).collect::<Result<_>>()?,
        Value::Array(pairs) => pairs
            .iter()
            .map(|pair| match pair.as_array().map(Vec::as_slice) {
                Some([Value::String(key), value]) => of_key(key, value),
                _ => Err(unreadable(name, &format!("a list with {} in it", described(pair)))),
            })
            .collect::<Result<_>>()?,
        other => return Err(unreadable(name, described(other))),
    };
    if several.is_empty() { Err(unreadable(name, "no value at all")) } else { Ok(several) }
}

/// The number, or that it is undefined; `None` for anything else.
#[expect(clippy::option_option, reason = "the outer is whether it is a number, the inner whether it is defined")]
fn number(value: &Value) -> Option<Option<f64>> {
    match value {
        Value::Null => Some(None),
        Value::Number(number) => Some(number.as_f64()),
        _ => None,
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a struct",
    }
}

fn unreadable(name: &str, found: &str) -> Error {
    Error::new(ErrorKind::Metric, format!("`{name}` returns {found}")).help(WHAT_TO_RETURN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(value: impl Serialize) -> Vec<(String, Option<f64>)> {
        values("near", value).unwrap().into_iter().map(|value| (value.key, value.value)).collect()
    }

    #[test]
    fn a_number_is_the_value_of_the_name() {
        assert_eq!(pairs(0.5), [("near".to_owned(), Some(0.5))]);
        assert_eq!(pairs(Some(0.1_f64)), [("near".to_owned(), Some(0.1))]);
        assert_eq!(pairs(None::<f64>), [("near".to_owned(), None)]);
        assert_eq!(pairs(f64::NAN), [("near".to_owned(), None)]);
    }

    #[test]
    fn several_values_have_the_name_before_their_keys() {
        #[derive(Serialize)]
        struct Parts {
            wide: f64,
            narrow: Option<f64>,
            count: u32,
        }
        let expected = |key: &str, value| (key.to_owned(), value);
        assert_eq!(pairs([("b", 1.0), ("a", 2.0)]), [expected("near_b", Some(1.0)), expected("near_a", Some(2.0))]);
        assert_eq!(
            pairs(Parts { wide: 0.5, narrow: None, count: 3 }),
            [expected("near_wide", Some(0.5)), expected("near_narrow", None), expected("near_count", Some(3.0))]
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_to_return() {
        #[derive(Serialize)]
        struct Nested {
            inner: [f64; 2],
        }
        let message = |error: Result<Vec<MetricValue>>| error.unwrap_err().message().to_owned();
        assert_eq!(message(values("near", "high")), "`near` returns a text");
        assert_eq!(message(values("near", [0.5, 0.25])), "`near` returns a list with a number in it");
        assert_eq!(message(values("near", Nested { inner: [0.0; 2] })), "`near` returns a list for `inner`");
        assert_eq!(message(values("near", [(); 0])), "`near` returns no value at all");
        assert_eq!(message(values("near", true)), "`near` returns true or false");
    }
}
