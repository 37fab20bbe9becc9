//! Sequences one after another in a row, whose boundaries the model keeps to.
//!
//! In: the tokens of items, and which of them lie in which row. Out: a batch with [`sequence_lengths`](Batch::sequence_lengths) and
//! positions that begin anew with each sequence. The first token of a sequence is not found from the one before it.

use candle_core::{Device, Tensor};

use super::layout::{self, Fill};
use super::{Batch, Item, Padding, causal_lm, labels};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Encoding, Side};

/// The tokens of an item without padding, and what the model has to find at each.
#[derive(Debug)]
pub(super) struct Sequence {
    row: usize,
    ids: Vec<u32>,
    types: Vec<u32>,
    labels: Vec<u32>,
}

impl Sequence {
    /// That of an item; its labels are those of the item, unless `every_token` is to be learned.
    ///
    /// # Errors
    /// An item without tokens, and one whose labels leave nothing to find.
    pub(super) fn of(of: &str, item: &Item, encoding: &Encoding, every_token: bool) -> Result<Self> {
        let is_real = |place: usize| encoding.attention_mask.get(place).is_none_or(|value| *value != 0);
        let real = |list: &[u32]| -> Vec<u32> {
            list.iter().enumerate().filter(|(place, _)| is_real(*place)).map(|(_, value)| *value).collect()
        };
        let given = labels::of_item_alone(of, item)?.filter(|_| !every_token).map(real);
        let (row, ids, types) = (item.row, real(&encoding.input_ids), real(&encoding.token_type_ids));
        if ids.is_empty() {
            return Err(Error::new(ErrorKind::Data, format!("row {row} has no token: its attention mask is all 0")));
        }
        let labels = causal_lm::of_row(row, given.as_deref(), &ids, &[])?;
        Ok(Self { row, ids, types, labels })
    }

    /// How many tokens it has.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// The sequences of all items.
pub(super) fn of_items(of: &str, items: &[&Item], every_token: bool) -> Result<Vec<Sequence>> {
    let encodings = Padding::encodings(of, items)?;
    items.iter().zip(encodings).map(|(item, (_, encoding))| Sequence::of(of, item, encoding, every_token)).collect()
}

/// Lays `rows` of sequences out, each of them filled up to `length` on the right.
pub(super) fn lay_out(rows: &[Vec<&Sequence>], length: usize, fill: Fill) -> Result<Batch> {
    let fill = Fill { side: Side::Right, ..fill };
    let sequences = || rows.iter().flatten();
    let has_types = sequences().all(|sequence| sequence.types.len() == sequence.len());
    let joined = |list: fn(&Sequence) -> &[u32], row: &[&Sequence]| -> Vec<u32> {
        row.iter().flat_map(|sequence| list(sequence).iter().copied()).collect()
    };
    let encoding = |row: &Vec<&Sequence>| Encoding {
        input_ids: joined(|sequence| &sequence.ids, row),
        token_type_ids: if has_types { joined(|sequence| &sequence.types, row) } else { Vec::new() },
        ..Encoding::default()
    };
    let encodings: Vec<Encoding> = rows.iter().map(encoding).collect();
    let first_rows = rows.iter().map(|row| row.first().map_or(0, |sequence| sequence.row));
    let mut batch = Batch { rows: sequences().map(|sequence| sequence.row).collect(), ..Batch::default() };
    layout::tokens(&mut batch, &first_rows.zip(&encodings).collect::<Vec<_>>(), length, fill)?;
    let found: Vec<Vec<u32>> = rows.iter().map(|row| joined(|sequence| &sequence.labels, row)).collect();
    batch.labels = Some(labels::laid_out(&found, length, fill)?);
    let mut positions = Vec::with_capacity(rows.len() * length);
    for row in rows {
        let of_row: Vec<u32> = row.iter().flat_map(|sequence| 0..sequence.len() as u32).collect();
        fill.place(&mut positions, &of_row, length, 0);
    }
    batch.position_ids = Some(Tensor::from_vec(positions, (rows.len(), length), &Device::Cpu)?);
    let lengths = |row: &Vec<&Sequence>| row.iter().map(|sequence| sequence.len()).collect();
    batch.sequence_lengths = Some(rows.iter().map(lengths).collect());
    Ok(batch)
}
