//! The rows of a table that ever had a gradient.

/// A bit for each row.
#[derive(Debug)]
pub(super) struct TouchedRows(Vec<u64>);

impl TouchedRows {
    /// None of `rows` rows.
    pub(super) fn none(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(u64::BITS as usize)])
    }

    /// The rows whose moments have a bit set: a moment of `-0` becomes 0 by an update.
    pub(super) fn by_moments(first: &[f32], second: &[f32], width: usize) -> Self {
        let mut rows = Self::none(first.len() / width.max(1));
        let is_set = |row: &[f32]| row.iter().any(|value| value.to_bits() != 0);
        let moments = first.chunks_exact(width.max(1)).zip(second.chunks_exact(width.max(1)));
        for (row, (first, second)) in moments.enumerate() {
            if is_set(first) || is_set(second) {
                rows.insert(row);
            }
        }
        rows
    }

    pub(super) fn insert(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / u64::BITS as usize) {
            *word |= 1 << (row % u64::BITS as usize);
        }
    }

    /// The lowest bit of the first word stands for row 0.
    pub(super) fn words(&self) -> &[u64] {
        &self.0
    }
}
