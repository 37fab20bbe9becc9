//! The collator that packs short rows together: `Packing(max_length = …)` in `#[trainer(collator = …)]`, and how rows are chosen.

use std::collections::{BTreeMap, VecDeque};

use super::padding::pads_as_padding_does;
use super::rules::rows_have_room;
use super::sequences::{self, Sequence};
use super::{Batch, Collation, Collator, Item, Padding};
use crate::args::rules::Verdict;
use crate::data::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::text::Tokenizer;

const NAME: &str = "Packing";

/// Which of some sequences share a row of `max_length` tokens: the longest first, each into the row where the least room is left
/// for it, or a new one (best fit decreasing). Rows are in the order in which they were begun, the sequences of a row in that in
/// which they were put there; of equal lengths the first comes first, and of rows with equal room the one that has had it longest.
///
/// A sequence longer than `max_length` stands in a row alone.
///
/// Source: `trl.pack_dataset(strategy="bfd")`, which cuts longer sequences before.
pub fn pack(lengths: &[usize], max_length: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|sequence| std::cmp::Reverse(lengths[*sequence]));
    let mut bins: Vec<Vec<usize>> = Vec::new();
    // By the room that is left, the rows that have it.
    let mut with_room: BTreeMap<usize, VecDeque<usize>> = BTreeMap::new();
    for sequence in order {
        let length = lengths[sequence];
        let tightest = with_room.range(length.max(1)..).next().map(|(room, _)| *room);
        let (bin, room) = match tightest.and_then(|room| Some((with_room.get_mut(&room)?.pop_front()?, room))) {
            Some(found) => found,
            None => {
                bins.push(Vec::new());
                (bins.len() - 1, max_length)
            }
        };
        if with_room.get(&room).is_some_and(VecDeque::is_empty) {
            with_room.remove(&room);
        }
        bins[bin].push(sequence);
        let left = room.saturating_sub(length);
        if left > 0 {
            with_room.entry(left).or_default().push_back(bin);
        }
    }
    bins
}

/// The rows of a batch packed into as few rows of at most `max_length` tokens as [`pack`] finds, for a model that says what comes
/// next. Each is filled up to the longest of them.
///
/// Out: tokens and labels `[packed rows, length]`, with positions, boundaries and labels as [`Flattening`](super::Flattening) has
/// them. The batch has the rows of the data set in the order in which they lie: [`Batch::rows`] says which.
///
/// Source: `trl.SFTTrainer` with `packing`, which packs the data set before the first epoch; here the rows of a batch are packed, so
/// that a batch has the rows that it would have without, and another mixture in every epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    padding: Padding,
    max_length: usize,
    every_token: bool,
}

pads_as_padding_does!(Packing, filled up);

impl Packing {
    /// Into rows of at most `max_length` tokens, to which texts are cut when they are tokenised; labels are the row's own where it
    /// has some.
    pub fn new(max_length: usize) -> Self {
        Self { padding: Padding::new().max_length(max_length), max_length, every_token: false }
    }

    /// Every token is learned, whatever labels a row has: of a conversation the questions too.
    pub fn every_token(mut self) -> Self {
        self.every_token = true;
        self
    }
}

impl Collator for Packing {
    fn learns_every_token(&self) -> bool {
        self.every_token
    }

    fn max_length(&self) -> Option<usize> {
        Some(self.max_length)
    }

    /// # Errors
    /// Rows that are no tokens, without any, or longer than the maximum; labels that leave nothing to find; no tokenizer and no
    /// padding token.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        if items.is_empty() {
            return Err(Error::new(ErrorKind::Data, "a batch needs at least one example"));
        }
        if let Verdict::Refused { message, help } = rows_have_room("max_length", self.max_length) {
            return Err(Error::new(ErrorKind::Arguments, message.as_str()).help(help.as_str()));
        }
        self.padding.check(NAME)?;
        let fill = self.padding.fill(NAME, tokenizer)?;
        let sequences = sequences::of_items(NAME, items, self.every_token)?;
        let mut lengths = Vec::with_capacity(sequences.len());
        for (item, sequence) in items.iter().zip(&sequences) {
            self.padding.is_within_the_limit(item.row, sequence.len())?;
            lengths.push(sequence.len());
        }
        let bins = pack(&lengths, self.max_length);
        let rows: Vec<Vec<&Sequence>> =
            bins.iter().map(|bin| bin.iter().filter_map(|place| sequences.get(*place)).collect()).collect();
        let longest = rows.iter().map(|row| row.iter().map(|sequence| sequence.len()).sum()).max().unwrap_or(0);
        sequences::lay_out(&rows, self.padding.length(longest), fill)
    }

    fn check(&self, item: &Item, _collation: &Collation<'_>) -> Result<()> {
        match (&item.target, item.input.tokens()) {
            (Target::Tokens(_), Some(encoding)) => Sequence::of(NAME, item, encoding, self.every_token).map(|_| ()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_comes_first_and_each_goes_where_the_least_room_is_left() {
        assert_eq!(pack(&[3, 4, 5, 2], 7), [vec![2, 3], vec![1, 0]]);
        assert_eq!(pack(&[6, 5, 2, 2, 1], 8), [vec![0, 2], vec![1, 3, 4]]);
        assert_eq!(pack(&[4, 4, 4, 4], 8), [vec![0, 1], vec![2, 3]]);
        // Both rows have a room of 2: the first to have it is the first to be taken.
        assert_eq!(pack(&[6, 6, 2, 2], 8), [vec![0, 2], vec![1, 3]]);
        assert!(pack(&[], 8).is_empty());
    }

    #[test]
    fn a_sequence_without_room_stands_alone() {
        assert_eq!(pack(&[3, 9, 5], 8), [vec![1], vec![2, 0]]);
        assert_eq!(pack(&[1, 1], 0), [vec![0], vec![1]]);
    }

    /// Every list of up to five lengths of 1 to 4, into rows of 4 to 6.
    #[test]
    fn every_sequence_is_in_one_row_that_has_room_for_it() {
        for code in 0..4usize.pow(5) {
            let lengths: Vec<usize> = (0..5).map(|place| 1 + code / 4usize.pow(place) % 4).collect();
            for room in 4..=6 {
                let bins = pack(&lengths, room);
                let mut all: Vec<usize> = bins.iter().flatten().copied().collect();
                all.sort_unstable();
                assert_eq!(all, [0, 1, 2, 3, 4], "{lengths:?} into {room}");
                let used = |bin: &Vec<usize>| bin.iter().map(|sequence| lengths[*sequence]).sum::<usize>();
                assert!(bins.iter().all(|bin| used(bin) <= room), "{lengths:?} into {room}: {bins:?}");
                // No two rows could be one.
                let small = bins.iter().filter(|bin| 2 * used(bin) <= room).count();
                assert!(small <= 1, "{lengths:?} into {room}: {bins:?}");
            }
        }
    }
}
