//! Values of a Parquet file as the typed cells that JSON files have.

use parquet::record::Field;
use serde_json::{Map, Number, Value};

use super::{Error, ErrorKind, Result};

/// The value of a cell of `column`.
///
/// # Errors
/// A number that is not finite, which JSON cannot hold; the columns' types are checked before.
pub(super) fn of(column: &str, field: Field) -> Result<Value> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(value),
        Field::Byte(value) => value.into(),
        Field::Short(value) => value.into(),
        Field::Int(value) => value.into(),
        Field::Long(value) => value.into(),
        Field::UByte(value) => value.into(),
        Field::UShort(value) => value.into(),
        Field::UInt(value) => value.into(),
        Field::ULong(value) => value.into(),
        Field::Float16(value) => finite(column, value.into())?,
        Field::Float(value) => finite(column, value.into())?,
        Field::Double(value) => finite(column, value)?,
        Field::Str(text) => Value::String(text),
        Field::ListInternal(list) => {
            let elements = list.elements().iter().enumerate();
            let read = |(index, element): (usize, &Field)| of(&format!("{column}[{index}]"), element.clone());
            Value::Array(elements.map(read).collect::<Result<_>>()?)
        }
        Field::Group(row) => {
            let fields = row.into_columns().into_iter();
            let read = |(name, field)| of(&format!("{column}.{name}"), field).map(|value| (name, value));
            Value::Object(fields.map(read).collect::<Result<Map<_, _>>>()?)
        }
        // Refused by their type before a row is read.
        Field::Decimal(_)
        | Field::Bytes(_)
        | Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_)
        | Field::MapInternal(_) => {
            return Err(Error::new(ErrorKind::Data, format!("`{column}` is of a type that no field can hold")));
        }
    })
}

fn finite(column: &str, number: f64) -> Result<Value> {
    Number::from_f64(number).map(Value::Number).ok_or_else(|| {
        Error::new(ErrorKind::Numeric, format!("`{column}` is {number}, which is not a finite number"))
            .help("leave the row out, or write a number or null")
    })
}

/// About how many bytes a value takes in memory.
pub(super) fn size(value: &Value) -> u64 {
    /// What every value takes, whatever it holds.
    const EACH: u64 = 32;
    EACH + match value {
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        assert_eq!(of("a", Field::ULong(u64::MAX)).unwrap(), Value::from(u64::MAX));
        assert_eq!(of("a", Field::Long(i64::MIN)).unwrap(), Value::from(i64::MIN));
        assert_eq!(of("a", Field::Float(0.1)).unwrap().as_f64().map(|value| value as f32), Some(0.1));
    }

    #[test]
    fn a_number_that_is_not_finite_is_refused_by_name() {
        let message = of("label", Field::Float(f32::NAN)).unwrap_err().to_string();
        assert!(message.starts_with("`label` is NaN, which is not a finite number\n"), "{message}");
    }
}
