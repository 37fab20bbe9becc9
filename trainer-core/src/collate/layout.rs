//! Lists of numbers become tensors: one row for each item, in their order.
//!
//! It refuses items that do not go together, naming the row: another kind of input, label or number, or another length
//! where nothing may be padded. All tensors are on the CPU; the trainer moves a batch to its device.

use candle_core::{Device, Tensor};

use super::{Batch, Item, ItemInput};
use crate::data::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Encoding, Side};

/// What one row has in a column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// One integer.
    Integer(i64),
    /// One number with a fraction.
    Float(f32),
    /// A list of integers.
    Integers(Vec<i64>),
    /// A list of numbers with a fraction.
    Floats(Vec<f32>),
}

impl Numbers {
    fn name(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number with a fraction",
            Self::Integers(_) => "a list of integers",
            Self::Floats(_) => "a list of numbers with a fraction",
        }
    }

    fn len(&self) -> Option<usize> {
        match self {
            Self::Integer(_) | Self::Float(_) => None,
            Self::Integers(list) => Some(list.len()),
            Self::Floats(list) => Some(list.len()),
        }
    }
}

/// The column `name` of some rows as one tensor, for collators of one's own.
///
/// * Integers become `i64`, others `f32`; single numbers `[rows]`, lists `[rows, length]`.
///
/// # Errors
/// Rows of different kinds or lengths, by their position in `rows`. Hugging Face takes the kind of the first row and cuts
/// the fractions of later ones off; here that is an error.
///
/// Source: `transformers.data.data_collator.default_data_collator`.
pub fn stack(name: &str, rows: &[Numbers]) -> Result<Tensor> {
    let Some(first) = rows.first() else {
        return Err(Error::new(ErrorKind::Data, format!("no rows to lay out `{name}` of")));
    };
    let (mut integers, mut floats): (Vec<i64>, Vec<f32>) = (Vec::new(), Vec::new());
    for (position, row) in rows.iter().enumerate() {
        match (first, row) {
            (Numbers::Integer(_), Numbers::Integer(value)) => integers.push(*value),
            (Numbers::Float(_), Numbers::Float(value)) => floats.push(*value),
            (Numbers::Integers(_), Numbers::Integers(list)) => integers.extend(list),
            (Numbers::Floats(_), Numbers::Floats(list)) => floats.extend(list),
            _ => {
                let what = format!("`{name}` is {} in row 0, but {} in row {position}", first.name(), row.name());
                return Err(Error::new(ErrorKind::Data, what).help("all rows of a column hold the same kind of number"));
            }
        }
        if let (Some(expected), Some(found)) = (first.len(), row.len())
            && expected != found
        {
            return Err(unequal(name, (0, expected), (position, found)));
        }
    }
    let shape = match first.len() {
        Some(length) => vec![rows.len(), length],
        None => vec![rows.len()],
    };
    Ok(match first {
        Numbers::Integer(_) | Numbers::Integers(_) => Tensor::from_vec(integers, shape, &Device::Cpu)?,
        Numbers::Float(_) | Numbers::Floats(_) => Tensor::from_vec(floats, shape, &Device::Cpu)?,
    })
}

pub(super) fn unequal(name: &str, first: (usize, usize), other: (usize, usize)) -> Error {
    let what = format!("`{name}` has {} numbers in row {}, but {} in row {}", first.1, first.0, other.1, other.0);
    Error::new(ErrorKind::Shape, what)
}

/// The rows of a batch; what goes into the model, and what it has to find, is still to be filled in.
pub(super) fn begin(items: &[&Item]) -> Result<Batch> {
    if items.is_empty() {
        return Err(Error::new(ErrorKind::Data, "a batch needs at least one example"));
    }
    Ok(Batch { rows: items.iter().map(|item| item.row).collect(), ..Batch::default() })
}

/// Classes `[batch]`, `u32`; several labels and numbers `[batch, outputs]`, `f32`; `None` if no item has a target.
///
/// # Errors
/// Labels of different kinds, and labels of tokens, which the collator `of` does not lay out.
pub(super) fn labels(of: &str, items: &[&Item]) -> Result<Option<Tensor>> {
    let mut classes: Vec<u32> = Vec::new();
    let mut values: Vec<f32> = Vec::new();
    let mut width = None;
    for item in items {
        match (&items[0].target, &item.target) {
            (Target::Class(_), Target::Class(class)) => classes.push(*class),
            (Target::MultiHot(_), Target::MultiHot(row)) | (Target::Values(_), Target::Values(row)) => {
                let expected = *width.get_or_insert(row.len());
                if row.len() != expected {
                    return Err(unequal("labels", (items[0].row, expected), (item.row, row.len())));
                }
                values.extend(row);
            }
            (Target::None, Target::None) => {}
            (Target::Tokens(_), Target::Tokens(_)) => {
                let what = format!("row {} has a label for each token, which `{of}` does not lay out", item.row);
                return Err(Error::new(ErrorKind::Data, what).help(
                    "write the collator of the task: `TokenClassification`, `CausalLm`, `CompletionOnly` or `Seq2Seq`",
                ));
            }
            _ => {
                let what = format!("the labels of the rows {} and {} are of different kinds", items[0].row, item.row);
                return Err(Error::new(ErrorKind::Data, what));
            }
        }
    }
    Ok(match (&items[0].target, width) {
        (Target::Class(_), _) => Some(Tensor::new(classes, &Device::Cpu)?),
        (_, Some(width)) => Some(Tensor::from_vec(values, (items.len(), width), &Device::Cpu)?),
        _ => None,
    })
}

/// The encodings of items that are tokens, or `None` if they are features.
pub(super) fn encodings<'a>(items: &[&'a Item]) -> Result<Option<Vec<(usize, &'a Encoding)>>> {
    let mut encodings = Vec::with_capacity(items.len());
    for item in items {
        if let ItemInput::Tokens(encoding) = &item.input {
            check_lists(item.row, encoding)?;
            encodings.push((item.row, encoding));
        }
    }
    match encodings.len() {
        0 => Ok(None),
        all if all == items.len() => Ok(Some(encodings)),
        _ => Err(Error::new(ErrorKind::Data, "some rows of this batch are tokens, and others features")),
    }
}

/// Masks are as long as their tokens, or left out.
fn check_lists(row: usize, encoding: &Encoding) -> Result<()> {
    let tokens = encoding.input_ids.len();
    if tokens == 0 {
        return Err(Error::new(ErrorKind::Data, format!("row {row} has no tokens")));
    }
    let others = [("attention_mask", &encoding.attention_mask), ("token_type_ids", &encoding.token_type_ids)];
    match others.into_iter().find(|(_, list)| !list.is_empty() && list.len() != tokens) {
        Some((name, list)) => Err(Error::new(
            ErrorKind::Shape,
            format!("row {row} has {tokens} tokens, but {} numbers in `{name}`", list.len()),
        )),
        None => Ok(()),
    }
}

/// Numbers `[batch, features]`, `f32`, of items that are all features.
pub(super) fn features(items: &[&Item]) -> Result<Option<Tensor>> {
    let mut values: Vec<f32> = Vec::new();
    let mut first = None;
    for item in items {
        if let ItemInput::Features(row) = &item.input {
            let (first_row, width) = *first.get_or_insert((item.row, row.len()));
            if row.len() != width {
                return Err(unequal("features", (first_row, width), (item.row, row.len())));
            }
            values.extend(row);
        }
    }
    match first {
        Some((_, width)) => Ok(Some(Tensor::from_vec(values, (items.len(), width), &Device::Cpu)?)),
        None => Ok(None),
    }
}

/// What stands where a row is shorter than its batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    pub(super) id: u32,
    pub(super) type_id: u32,
    pub(super) side: Side,
}

impl Fill {
    /// What `row` is in a batch whose rows have `length` numbers: `filler` stands on the side of the padding.
    pub(super) fn place(self, to: &mut Vec<u32>, row: &[u32], length: usize, filler: u32) {
        place(to, row, length.saturating_sub(row.len()), filler, self.side);
    }
}

/// Lays tokens out in `[batch, length]`, filled up on one side; no row may be longer.
pub(super) fn tokens(batch: &mut Batch, encodings: &[(usize, &Encoding)], length: usize, fill: Fill) -> Result<()> {
    let size = encodings.len() * length;
    let (mut ids, mut mask, mut types) = (Vec::with_capacity(size), Vec::with_capacity(size), Vec::new());
    let typed = encodings.iter().filter(|(_, encoding)| !encoding.token_type_ids.is_empty()).count();
    if typed != 0 && typed != encodings.len() {
        return Err(Error::new(ErrorKind::Data, "some rows of this batch have `token_type_ids`, and others have none"));
    }
    for (_, encoding) in encodings {
        let tokens = encoding.input_ids.len();
        let missing = length.saturating_sub(tokens);
        place(&mut ids, &encoding.input_ids, missing, fill.id, fill.side);
        if encoding.attention_mask.is_empty() {
            place(&mut mask, &vec![1; tokens], missing, 0, fill.side);
        } else {
            place(&mut mask, &encoding.attention_mask, missing, 0, fill.side);
        }
        if typed > 0 {
            place(&mut types, &encoding.token_type_ids, missing, fill.type_id, fill.side);
        }
    }
    let shape = (encodings.len(), length);
    if mask.contains(&0) {
        let positions = mask.iter().enumerate().filter(|(_, value)| **value != 0);
        batch.real_tokens = Some(positions.map(|(position, _)| position as u32).collect());
    }
    batch.input_ids = Some(Tensor::from_vec(ids, shape, &Device::Cpu)?);
    batch.attention_mask = Some(Tensor::from_vec(mask, shape, &Device::Cpu)?);
    if typed > 0 {
        batch.token_type_ids = Some(Tensor::from_vec(types, shape, &Device::Cpu)?);
    }
    Ok(())
}

fn place(to: &mut Vec<u32>, row: &[u32], missing: usize, filler: u32, side: Side) {
    let filling = std::iter::repeat_n(filler, missing);
    match side {
        Side::Right => {
            to.extend(row);
            to.extend(filling);
        }
        Side::Left => {
            to.extend(filling);
            to.extend(row);
        }
    }
}
