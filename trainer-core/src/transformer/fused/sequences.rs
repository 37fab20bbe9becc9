//! Where the sequences of a pass stand, and for which of their tokens the last block is computed.

use std::ops::Range;

use crate::transformer::TokenLayout;

/// The sequences of a pass over packed tokens.
#[derive(Clone, Debug)]
pub(super) struct Sequences {
    /// The first token of each sequence, and one more: how many tokens there are.
    pub(super) offsets: Vec<usize>,
    /// The column of the first token of each sequence, counted with padding; its other tokens follow one by one.
    pub(super) first_columns: Vec<usize>,
    /// The row of each sequence in the padded batch, and where it begins there: its first column, unless several lie in a row.
    pub(super) places: Vec<(usize, usize)>,
    /// Tokens of a row with its padding.
    pub(super) length: usize,
}

/// The tokens that a block gives a row for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Every token.
    All,
    /// The first of each sequence.
    First,
}

impl Sequences {
    /// Those of a layout; `None` if one has padding between its tokens.
    pub(super) fn in_layout(layout: &TokenLayout) -> Option<Self> {
        let offsets: Vec<usize> = layout.sequence_offsets().iter().map(|offset| *offset as usize).collect();
        let columns = layout.token_columns();
        let mut first_columns = Vec::with_capacity(offsets.len() - 1);
        for pair in offsets.windows(2) {
            let of_sequence = &columns[pair[0]..pair[1]];
            let (first, last) = (*of_sequence.first()?, *of_sequence.last()?);
            if (last - first) as usize + 1 != of_sequence.len() {
                return None;
            }
            first_columns.push(first as usize);
        }
        let length = layout.length();
        let places = layout.first_places().iter().map(|place| (*place as usize / length, *place as usize % length));
        Some(Self { offsets, first_columns, places: places.collect(), length })
    }

    /// How many sequences there are.
    pub(super) fn count(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many tokens there are.
    pub(super) fn tokens(&self) -> usize {
        self.offsets[self.count()]
    }

    /// The tokens of a sequence.
    pub(super) fn of(&self, sequence: usize) -> Range<usize> {
        self.offsets[sequence]..self.offsets[sequence + 1]
    }

    /// The tokens of the longest sequence.
    pub(super) fn longest(&self) -> usize {
        self.offsets.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }

    /// How many rows a block gives.
    pub(super) fn rows(&self, wanted: Wanted) -> usize {
        match wanted {
            Wanted::All => self.tokens(),
            Wanted::First => self.count(),
        }
    }

    /// The rows that a block gives for a sequence.
    pub(super) fn rows_of(&self, sequence: usize, wanted: Wanted) -> Range<usize> {
        match wanted {
            Wanted::All => self.of(sequence),
            Wanted::First => sequence..sequence + 1,
        }
    }

    /// The token of a row.
    pub(super) fn token(&self, row: usize, wanted: Wanted) -> usize {
        match wanted {
            Wanted::All => row,
            Wanted::First => self.offsets[row],
        }
    }

    /// The column of a token of a sequence.
    pub(super) fn column(&self, sequence: usize, token: usize) -> usize {
        self.first_columns[sequence] + token - self.offsets[sequence]
    }

    /// The columns of some rows, in order.
    pub(super) fn columns(&self, rows: Range<usize>, wanted: Wanted) -> impl Iterator<Item = usize> + '_ {
        let first = self.token(rows.start.min(self.rows(wanted).saturating_sub(1)), wanted);
        let mut sequence = self.offsets.partition_point(|offset| *offset <= first).saturating_sub(1);
        rows.map(move |row| {
            let token = self.token(row, wanted);
            while token >= self.offsets[sequence + 1] {
                sequence += 1;
            }
            self.column(sequence, token)
        })
    }
}
