//! The update of `AdamW` for a table of which few rows have a gradient.
//!
//! In come the rows that have one and the set of rows that ever had one. The result is, bit for bit, that of the dense
//! update with zeros for the other rows. A row that had a gradient once is updated for ever, because its moments move on.
//! One that never had has moments of 0, and with a gradient of 0 they stay 0: what is added to the parameter is
//! `-step_size * 0 / (0 + epsilon)`, a negative zero, which changes no bit, and only its decay is left.
//!
//! That decay is made at once, by one multiplication of the row: layers, checkpoints and callbacks read the table between
//! updates, and a product of the factors missed would be rounded otherwise than the factors one by one.

use rayon::prelude::*;

use super::{AdamWStep, Piece, piece_of};

/// Rows in one piece, which are those of one word of the set.
const PIECE_ROWS: usize = u64::BITS as usize;

/// Gradients of 0, for rows that have none in this update.
const ZEROS: [f32; 512] = [0.0; 512];

/// The rows of a table, of `width` numbers each, that have a gradient in this update.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) width: usize,
    /// Row of the table and place of its gradient in `values`, sorted by the first.
    pub(crate) touched: &'a [(u32, u32)],
    pub(crate) values: &'a [f32],
}

impl Rows<'_> {
    fn at(&self, place: u32) -> &[f32] {
        let start = place as usize * self.width;
        &self.values[start..start + self.width]
    }
}

/// Updates a table and its two moments in place.
///
/// * `ever_touched`: a bit for each row, the lowest bit of the first word for row 0; set for the rows of `gradient` and for
///   all whose moments are not 0.
pub(crate) fn adamw_rows(
    parameter: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    gradient: Rows<'_>,
    ever_touched: &[u64],
    step: &AdamWStep,
) {
    let (piece, elements) = (piece_of(step), PIECE_ROWS * gradient.width);
    parameter
        .par_chunks_mut(elements)
        .zip(first.par_chunks_mut(elements))
        .zip(second.par_chunks_mut(elements))
        .zip(ever_touched)
        .enumerate()
        .for_each(|(word, (((parameter, first), second), ever_touched))| {
            let from = word * PIECE_ROWS;
            let start = gradient.touched.partition_point(|(row, _)| (*row as usize) < from);
            let mut rows = TableRows { from, gradient, next: start };
            rows.update((parameter, first, second), *ever_touched, piece, step);
        });
}

/// The rows of one piece.
struct TableRows<'a> {
    /// Row of the table that is the first of the piece.
    from: usize,
    gradient: Rows<'a>,
    /// Place in `gradient.touched` of the next row that has a gradient.
    next: usize,
}

impl TableRows<'_> {
    fn update(
        &mut self,
        (parameter, first, second): (&mut [f32], &mut [f32], &mut [f32]),
        ever_touched: u64,
        piece: Piece,
        step: &AdamWStep,
    ) {
        let decays = step.decay.to_bits() != 1f32.to_bits();
        if ever_touched == 0 && !decays {
            return;
        }
        let width = self.gradient.width;
        let moments = first.chunks_exact_mut(width).zip(second.chunks_exact_mut(width));
        for (row, (parameter, (first, second))) in parameter.chunks_exact_mut(width).zip(moments).enumerate() {
            if ever_touched >> row & 1 == 0 {
                if decays {
                    for value in parameter {
                        *value *= step.decay;
                    }
                }
            } else if let Some(gradient) = self.gradient_of(self.from + row) {
                piece(parameter, first, second, gradient, step);
            } else {
                let moments = first.chunks_mut(ZEROS.len()).zip(second.chunks_mut(ZEROS.len()));
                for (parameter, (first, second)) in parameter.chunks_mut(ZEROS.len()).zip(moments) {
                    piece(parameter, first, second, &ZEROS, step);
                }
            }
        }
    }

    /// The gradient of a row, which is asked for in ascending order.
    fn gradient_of(&mut self, row: usize) -> Option<&[f32]> {
        let (next, place) = *self.gradient.touched.get(self.next)?;
        (next as usize == row).then(|| {
            self.next += 1;
            self.gradient.at(place)
        })
    }
}
