//! Work on rows, shared between threads.
//!
//! What comes in: buffers of as many rows each, and what to do with some of the rows. What goes out: every row done once.
//! Where the cuts are does not matter to the numbers: work on a row looks at no other row that is written.

use std::ops::Range;

use crate::tensor::kernels::product::TILE;

/// Rows of a buffer, all of one width.
pub(super) struct Rows<'a> {
    values: &'a mut [f32],
    width: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(values: &'a mut [f32], width: usize) -> Self {
        Self { values, width }
    }

    /// Rows without numbers, where a block has no such buffer.
    pub(super) fn none() -> Self {
        Self { values: &mut [], width: 0 }
    }

    fn split(self, rows: usize) -> (Self, Self) {
        let (left, right) = self.values.split_at_mut(rows * self.width);
        (Self { values: left, width: self.width }, Self { values: right, width: self.width })
    }
}

/// Cuts the rows into equal parts at multiples of [`TILE`], one for each thread, and runs `work` on each with its part of
/// every buffer.
pub(super) fn by_rows<const N: usize>(
    rows: Range<usize>,
    buffers: [Rows<'_>; N],
    work: &(impl Fn(Range<usize>, [&mut [f32]; N]) + Sync),
) {
    let most = (rows.len() / TILE).max(1);
    shared(rows, rayon::current_num_threads().min(most), buffers, work);
}

fn shared<const N: usize>(
    rows: Range<usize>,
    parts: usize,
    buffers: [Rows<'_>; N],
    work: &(impl Fn(Range<usize>, [&mut [f32]; N]) + Sync),
) {
    if parts < 2 {
        return work(rows, buffers.map(|buffer| buffer.values));
    }
    let half = cut(rows.len(), parts / 2, parts);
    let mut behind = [const { None }; N];
    let mut at = 0;
    let before = buffers.map(|buffer| {
        let (left, right) = buffer.split(half);
        behind[at] = Some(right);
        at += 1;
        left
    });
    let behind = behind.map(|part| part.unwrap_or_else(Rows::none));
    let middle = rows.start + half;
    rayon::join(
        || shared(rows.start..middle, parts / 2, before, work),
        || shared(middle..rows.end, parts - parts / 2, behind, work),
    );
}

/// How many of `rows` the first `share` of `parts` get.
fn cut(rows: usize, share: usize, parts: usize) -> usize {
    let exact = rows * share / parts;
    // The nearest, so that neither side is left with much less than its share.
    (exact + TILE / 2) / TILE * TILE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_is_empty_or_a_single_row() {
        for rows in TILE..300 {
            for parts in 2..=rows / TILE {
                for share in 1..parts {
                    let half = cut(rows, share, parts);
                    assert!(half.is_multiple_of(TILE) && half > 0 && half + 1 < rows, "{half} of {rows}");
                }
            }
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "small whole numbers are exact")]
    fn every_row_of_every_buffer_is_worked_on_once() {
        for (threads, count) in [(1, 5), (2, 5), (2, 100), (3, 37), (7, 500)] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (mut one, mut three) = (vec![0.0; count], vec![0.0; 3 * count]);
            pool.install(|| {
                by_rows(
                    0..count,
                    [Rows::new(&mut one, 1), Rows::new(&mut three, 3), Rows::none()],
                    &|rows, [a, b, c]| {
                        assert!(a.len() == rows.len() && b.len() == 3 * rows.len() && c.is_empty());
                        for (row, a) in rows.zip(a) {
                            *a += row as f32;
                        }
                        for b in b {
                            *b += 1.0;
                        }
                    },
                );
            });
            assert!(one.iter().enumerate().all(|(row, value)| *value == row as f32) && three == vec![1.0; 3 * count]);
        }
    }
}
