//! A batch cut into batches of whole rows, so that a step computes on no more tokens at once than memory is good for.
//!
//! In: a laid-out batch and the most real tokens of a chunk. Out: the batch itself if it has no more, else its rows in their
//! order, in as few chunks as that takes, each about as large as the others. The columns stay as the collator laid them out:
//! a position means the same in a chunk as in the whole. It leaves a batch whole whose tensors are not one row an example.

use std::ops::Range;

use candle_core::{DType, Tensor};

use super::Batch;
use crate::error::Result;

/// The batch as it is, or in chunks of at most `limit` real tokens; a row that alone has more is a chunk of its own.
pub(crate) fn cut(batch: Batch, limit: usize) -> Result<Vec<Batch>> {
    if batch.tokens() <= limit {
        return Ok(vec![batch]);
    }
    match tokens_of_rows(&batch).map(|lengths| chunks(&lengths, limit)) {
        Some(chunks) if chunks.len() > 1 => chunks.into_iter().map(|rows| rows_of(&batch, rows)).collect(),
        _ => Ok(vec![batch]),
    }
}

/// Ranges of items that follow each other, each of at most `limit` tokens or of one item: as few as that takes, and of
/// these the ones whose largest is smallest.
fn chunks(lengths: &[usize], limit: usize) -> Vec<Range<usize>> {
    let fewest = filled_up_to(lengths, limit).len();
    // The smallest limit that makes no more chunks, found by halving: more room never makes more chunks.
    let (mut low, mut high) = (lengths.iter().sum::<usize>().div_ceil(fewest.max(1)), limit);
    while low < high {
        let middle = low.midpoint(high);
        if filled_up_to(lengths, middle).len() <= fewest { high = middle } else { low = middle + 1 }
    }
    filled_up_to(lengths, high)
}

fn filled_up_to(lengths: &[usize], limit: usize) -> Vec<Range<usize>> {
    let (mut ranges, mut begin, mut tokens) = (Vec::new(), 0, 0);
    for (item, length) in lengths.iter().enumerate() {
        if item > begin && tokens + length > limit {
            ranges.push(begin..item);
            (begin, tokens) = (item, 0);
        }
        tokens += length;
    }
    if begin < lengths.len() {
        ranges.push(begin..lengths.len());
    }
    ranges
}

/// The real tokens of each row; `None` unless every tensor of the batch has one row for each example.
fn tokens_of_rows(batch: &Batch) -> Option<Vec<usize>> {
    let (rows, length) = batch.input_ids.as_ref()?.dims2().ok()?;
    let Batch { input_ids, attention_mask, token_type_ids, features, labels, .. } = batch;
    let Batch { decoder_input_ids, decoder_attention_mask, position_ids, sequence_lengths, .. } = batch;
    let inputs = [input_ids, attention_mask, token_type_ids, features, position_ids];
    let outputs = [labels, decoder_input_ids, decoder_attention_mask];
    let mut tensors = inputs.into_iter().chain(outputs).flatten();
    if sequence_lengths.is_some() || rows != batch.len() || tensors.any(|tensor| tensor.dims().first() != Some(&rows)) {
        return None;
    }
    let Some(real) = &batch.real_tokens else { return Some(vec![length; rows]) };
    let mut lengths = vec![0; rows];
    for place in real {
        *lengths.get_mut(*place as usize / length.max(1))? += 1;
    }
    // A text for another is computed on both sides.
    let written = match decoder_attention_mask {
        Some(mask) => mask.to_dtype(DType::U32).and_then(|mask| mask.sum(1)?.to_vec1::<u32>()).ok()?,
        None => vec![0; rows],
    };
    lengths.iter_mut().zip(written).for_each(|(length, written)| *length = (*length).max(written as usize));
    Some(lengths)
}

/// Some rows of a batch of which every tensor has one row for each example.
fn rows_of(batch: &Batch, rows: Range<usize>) -> Result<Batch> {
    let some = |tensor: &Option<Tensor>| -> Result<Option<Tensor>> {
        let Some(tensor) = tensor else { return Ok(None) };
        Ok(Some(tensor.narrow(0, rows.start, rows.len())?.force_contiguous()?))
    };
    let input_ids = some(&batch.input_ids)?;
    let length = input_ids.as_ref().map_or(0, |ids| ids.elem_count() / rows.len().max(1));
    let (begin, end) = (rows.start * length, rows.end * length);
    let real_tokens = batch.real_tokens.as_ref().map(|places| {
        let inside = places.iter().map(|place| *place as usize).filter(|place| (begin..end).contains(place));
        inside.map(|place| (place - begin) as u32).collect::<Vec<u32>>()
    });
    Ok(Batch {
        rows: batch.rows.iter().copied().skip(rows.start).take(rows.len()).collect(),
        attention_mask: some(&batch.attention_mask)?,
        token_type_ids: some(&batch.token_type_ids)?,
        features: some(&batch.features)?,
        labels: some(&batch.labels)?,
        decoder_input_ids: some(&batch.decoder_input_ids)?,
        decoder_attention_mask: some(&batch.decoder_attention_mask)?,
        position_ids: some(&batch.position_ids)?,
        sequence_lengths: None,
        real_tokens: real_tokens.filter(|places| places.len() < end - begin),
        input_ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collate::{Collator, Item, ItemInput, Padding};
    use crate::data::Target;
    use crate::text::Encoding;

    fn batch(lengths: &[usize]) -> Result<Batch> {
        let item = |(row, length): (usize, &usize)| {
            let ids: Vec<u32> = (0..*length as u32).map(|id| 1 + id).collect();
            let input = ItemInput::Tokens(Encoding::from_tokens(&ids, None, None)?);
            Ok(Item { row: 100 + row, input, target: Target::Class(row as u32) })
        };
        let items = lengths.iter().enumerate().map(item).collect::<Result<Vec<Item>>>()?;
        Padding::new().pad_id(0).collate(&items.iter().collect::<Vec<_>>(), None)
    }

    #[test]
    fn chunks_are_few_within_the_limit_and_alike() {
        assert_eq!(chunks(&[3, 3, 3], 9).len(), 1);
        assert_eq!(chunks(&[4, 4, 4, 1], 12), [0..2, 2..4], "not 12 and 1");
        assert_eq!(chunks(&[20, 1, 1, 20], 10), [0..1, 1..3, 3..4], "a row that is too long stands alone");
        assert_eq!(chunks(&[2, 2], 0), [0..1, 1..2]);
        assert!(chunks(&[], 5).is_empty());
    }

    /// Every list of up to six lengths of 0 to 3, with every limit that cuts something.
    #[test]
    fn every_row_is_in_one_chunk_and_none_is_larger_than_it_must_be() {
        for code in 0..4usize.pow(6) {
            let lengths: Vec<usize> = (0..6).map(|place| code / 4usize.pow(place) % 4).collect();
            for limit in 1..12 {
                let ranges = chunks(&lengths, limit);
                let rows: Vec<usize> = ranges.iter().cloned().flatten().collect();
                assert_eq!(rows, (0..6).collect::<Vec<_>>(), "{lengths:?} by {limit}");
                let fits =
                    |range: &Range<usize>| range.len() == 1 || lengths[range.clone()].iter().sum::<usize>() <= limit;
                assert!(ranges.iter().all(fits), "{lengths:?} by {limit}: {ranges:?}");
                assert_eq!(ranges.len(), filled_up_to(&lengths, limit).len(), "{lengths:?} by {limit}");
            }
        }
    }

    #[test]
    fn a_batch_within_the_limit_is_left_as_it_is() -> Result<()> {
        let whole = batch(&[2, 5, 3])?;
        let ids = whole.input_ids()?.id();
        let chunks = cut(whole, 10)?;
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].input_ids()?.id(), ids);
        Ok(())
    }

    #[test]
    fn a_chunk_has_its_rows_in_the_columns_of_the_whole() -> Result<()> {
        let chunks = cut(batch(&[2, 5, 5, 3])?, 10)?;
        assert_eq!(chunks.iter().map(Batch::tokens).collect::<Vec<_>>(), [7, 8]);
        let second = &chunks[1];
        assert_eq!(second.rows, [102, 103]);
        assert_eq!(second.input_ids()?.to_vec2::<u32>()?, [[1, 2, 3, 4, 5], [1, 2, 3, 0, 0]]);
        assert_eq!(second.attention_mask()?.to_vec2::<u32>()?, [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]);
        assert_eq!(second.labels()?.to_vec1::<u32>()?, [2, 3]);
        assert_eq!(second.real_tokens.as_deref(), Some(&[0, 1, 2, 3, 4, 5, 6, 7][..]));
        let without_padding = cut(batch(&[5, 5, 2])?, 10)?;
        assert_eq!(without_padding[0].real_tokens, None);
        Ok(())
    }

    #[test]
    fn a_batch_whose_tensors_are_no_rows_stays_whole() -> Result<()> {
        let mut odd = batch(&[4, 4])?;
        odd.labels = Some(Tensor::new(&[1f32, 2.0, 3.0], &candle_core::Device::Cpu)?);
        assert_eq!(cut(odd, 4)?.len(), 1);
        Ok(())
    }
}
