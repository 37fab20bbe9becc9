//! Which rows of an evaluation go through the model together.
//!
//! What comes in: the items of an evaluation, in the order of their rows. What goes out: windows of them, and in each
//! window the groups that the model takes at once. In groups of about one length there is little padding, and the products
//! are large; outputs are put back in the order of the rows before the metrics see them.

use std::ops::Range;

use crate::collate::{Collator, Item, ItemInput};
use crate::data::Target;

/// Tokens, with padding, that go through the model at once: enough for large products, while what a block computes of them
/// stays near the cache. Of 256 to 8192, on two cores and with 6 layers of 384, this was the fastest: 1.4 times
/// batches of 8 rows as they stand, a fifth faster than 4096.
const GROUP_TOKENS: usize = 1024;

/// Batches of a window; their outputs are all that an evaluation holds beside the metrics.
const WINDOW_BATCHES: usize = 64;

/// Rows of a window, if its batches are too small for that: enough that neighbours in length are of about one length.
const WINDOW_ROWS: usize = 1024;

/// How rows are put together for the model.
#[derive(Clone, Copy)]
pub(super) enum Groups<'a> {
    /// The batches as they stand: what the model, the loss or the collator makes of a row may depend on the others.
    Batches,
    /// Rows of about one length, so many that this collator makes up to [`GROUP_TOKENS`] of them, and at most so many rows.
    ByLength(&'a dyn Collator, usize),
}

impl Groups<'_> {
    /// Rows of a window: whole batches of `batch_size` rows.
    pub(super) fn window_rows(self, batch_size: usize) -> usize {
        match self {
            Self::Batches => batch_size,
            Self::ByLength(..) => batch_size * WINDOW_BATCHES.max(WINDOW_ROWS.div_ceil(batch_size)),
        }
    }

    /// The order in which the rows of a window go through the model, and the ranges of it that go at once.
    pub(super) fn of(self, window: &[Item]) -> (Vec<usize>, Vec<Range<usize>>) {
        let mut order: Vec<usize> = (0..window.len()).collect();
        let lengths: Option<Vec<usize>> = window.iter().map(tokens).collect();
        let (Self::ByLength(collator, most), Some(lengths)) = (self, lengths) else {
            return (order, std::iter::once(0..window.len()).collect());
        };
        order.sort_by_key(|row| lengths[*row]);
        let (mut groups, mut begin) = (Vec::new(), 0);
        for (place, row) in order.iter().enumerate() {
            let length = collator.padded_length(lengths[*row]).unwrap_or(lengths[*row]);
            let rows = place + 1 - begin;
            if place > begin && (rows * length > GROUP_TOKENS || rows > most) {
                groups.push(begin..place);
                begin = place;
            }
        }
        groups.push(begin..order.len());
        (order, groups)
    }
}

/// How many tokens an item has, read or written, whichever are more; `None` if it is numbers.
fn tokens(item: &Item) -> Option<usize> {
    let ItemInput::Tokens(encoding) = &item.input else { return None };
    let written = if let Target::Tokens(ids) = &item.target { ids.len() } else { 0 };
    Some(encoding.len().max(written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collate::Padding;
    use crate::data::Target;
    use crate::text::Encoding;

    fn items(lengths: &[usize]) -> Vec<Item> {
        let item = |(row, length): (usize, &usize)| {
            let encoding = Encoding::from_tokens(&vec![7; *length], None, None).unwrap();
            Item { row, input: ItemInput::Tokens(encoding), target: Target::None }
        };
        lengths.iter().enumerate().map(item).collect()
    }

    #[test]
    fn rows_of_one_length_go_together_in_their_order_and_within_the_budget() {
        let (padding, half) = (Padding::new(), GROUP_TOKENS / 2);
        let (order, groups) =
            Groups::ByLength(&padding, usize::MAX).of(&items(&[half, 3, half, 3, half, GROUP_TOKENS + 1]));
        assert_eq!(order, [1, 3, 0, 2, 4, 5]);
        // Two short rows fit with a long one only as rows of its length.
        assert_eq!(groups, [0..2, 2..4, 4..5, 5..6]);
    }

    #[test]
    fn long_targets_of_short_sources_count_and_rows_can_be_few() {
        let padding = Padding::new();
        let mut rows = items(&[2; 6]);
        for row in &mut rows[..4] {
            row.target = Target::Tokens(vec![1; GROUP_TOKENS / 2]);
        }
        let (order, groups) = Groups::ByLength(&padding, usize::MAX).of(&rows);
        assert_eq!((order, groups), (vec![4, 5, 0, 1, 2, 3], vec![0..2, 2..4, 4..6]));
        let (_, groups) = Groups::ByLength(&padding, 3).of(&items(&[2; 7]));
        assert_eq!(groups, [0..3, 3..6, 6..7]);
    }

    #[test]
    fn the_budget_counts_the_padding_that_the_collator_adds() {
        let fixed = Padding::new().fixed_length(GROUP_TOKENS / 2);
        let (_, groups) = Groups::ByLength(&fixed, usize::MAX).of(&items(&[2, 2, 2]));
        assert_eq!(groups, [0..2, 2..3]);
    }

    #[test]
    fn windows_are_whole_batches() {
        let padding = Padding::new();
        for batch_size in [1, 7, 8, 1000, 3000] {
            let rows = Groups::ByLength(&padding, usize::MAX).window_rows(batch_size);
            assert!(rows.is_multiple_of(batch_size) && rows >= WINDOW_ROWS, "{batch_size}: {rows}");
        }
        assert_eq!(Groups::Batches.window_rows(7), 7);
    }
}
