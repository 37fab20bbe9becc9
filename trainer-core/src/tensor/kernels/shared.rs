//! Products that all threads share, in tiles: those of a head over a vocabulary, with tens of thousands of rows, columns or
//! additions.
//!
//! What comes in: views of slices. What goes out: `left · right`, written or added to a slice. A tile packs only its own part of
//! what it multiplies, which is what takes long where a matrix is read once or twice. Tiles follow from the shape
//! alone and each is computed by one thread, so that the bits do not depend on how many there are.

use std::ops::Range;

use rayon::prelude::*;

use super::matrix::{Matrix, MatrixMut};
use super::product::{Onto, product};
use super::rows::add_assign_rows;

/// Rows and columns of a tile, and additions of each of its numbers: near the fastest for the shapes of a vocabulary.
const ROWS: usize = 512;
const COLUMNS: usize = 2048;
const INNER: usize = 4096;

/// Numbers that a thread adds up at a time.
const PIECE: usize = 1 << 14;

/// `left · right`, on all threads of the pool that this is called on.
pub(crate) fn shared_product(output: &mut [f32], left: Matrix<'_>, right: Matrix<'_>, onto: Onto) {
    let (columns, inner) = (right.column_count(), left.column_count());
    assert_eq!(output.len(), left.row_count() * columns);
    if output.is_empty() {
        return;
    }
    if inner <= INNER {
        let tiles = tiles(MatrixMut::new(output, columns), 0..inner);
        return tiles.into_par_iter().for_each(|tile| tile.compute(left, right, onto));
    }
    let count = output.len();
    let mut parts = vec![0.0; inner.div_ceil(INNER) * count];
    let of_parts = parts.chunks_exact_mut(count).zip(even(inner, INNER));
    let tiles: Vec<Tile<'_>> = of_parts.flat_map(|(part, inner)| tiles(MatrixMut::new(part, columns), inner)).collect();
    tiles.into_par_iter().for_each(|tile| tile.compute(left, right, Onto::Nothing));
    output.par_chunks_mut(PIECE).enumerate().for_each(|(piece, output)| {
        if onto == Onto::Nothing {
            output.fill(0.0);
        }
        for part in parts.chunks_exact(count) {
            add_assign_rows(output, &part[piece * PIECE..][..output.len()]);
        }
    });
}

/// A part of a product.
struct Tile<'a> {
    output: MatrixMut<'a>,
    rows: Range<usize>,
    columns: Range<usize>,
    /// What is added up of.
    inner: Range<usize>,
}

impl Tile<'_> {
    fn compute(self, left: Matrix<'_>, right: Matrix<'_>, onto: Onto) {
        let (left, right) = (left.rows(self.rows).columns(self.inner.clone()), right.rows(self.inner));
        product(self.output, left, right.columns(self.columns), 1.0, onto);
    }
}

/// The tiles of an output whose numbers add up a range.
fn tiles(output: MatrixMut<'_>, inner: Range<usize>) -> Vec<Tile<'_>> {
    let (row_count, column_count) = (output.row_count(), output.column_count());
    let mut all = Vec::new();
    let mut below = output;
    for rows in even(row_count, ROWS) {
        let (mut beside, rest) = below.split_at_row(rows.len());
        below = rest;
        for columns in even(column_count, COLUMNS) {
            let (output, rest) = beside.split_at_column(columns.len());
            beside = rest;
            all.push(Tile { output, rows: rows.clone(), columns, inner: inner.clone() });
        }
    }
    all
}

/// As few ranges of at most `most` as there can be, of about one length.
pub(super) fn even(count: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = count.div_ceil(most);
    (0..parts).map(move |part| part * count / parts..(part + 1) * count / parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(len: usize, speed: f32) -> Vec<f32> {
        (0..len).map(|at| (at as f32 * speed).sin()).collect()
    }

    #[test]
    fn ranges_are_even_and_leave_nothing_out() {
        assert_eq!(even(0, 4).count(), 0);
        assert!(even(4, 4).eq(std::iter::once(0..4)));
        assert_eq!(even(9, 4).collect::<Vec<_>>(), [0..3, 3..6, 6..9]);
        assert_eq!(even(5, 4).collect::<Vec<_>>(), [0..2, 2..5]);
    }

    #[test]
    fn tiles_of_every_kind_are_the_product_whatever_the_number_of_threads() {
        let wide = (3, 5, 2 * COLUMNS + 7);
        let tall = (2 * ROWS + 3, 4, 6);
        let deep = (5, 2 * INNER + 9, 7);
        for (rows, inner, columns) in [wide, tall, deep, (ROWS + 1, INNER + 1, 3)] {
            let (left, right) = (wave(rows * inner, 0.3), wave(inner * columns, 0.7));
            let exact = |row: usize, column: usize| -> f64 {
                let of_row = left[row * inner..(row + 1) * inner].iter();
                let pairs = of_row.zip(right[column..].iter().step_by(columns));
                pairs.map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
            };
            let (left_view, right_view) = (Matrix::new(&left, inner), Matrix::new(&right, columns));
            let found = |threads: usize, onto: Onto, before: f32| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut output = vec![before; rows * columns];
                pool.install(|| shared_product(&mut output, left_view, right_view, onto));
                output
            };
            let (alone, onto_ones) = (found(1, Onto::Nothing, 7.0), found(1, Onto::Values, 1.0));
            for (at, (alone, onto)) in alone.iter().zip(&onto_ones).enumerate() {
                let exact = exact(at / columns, at % columns);
                let off = (f64::from(*alone) - exact).abs().max((f64::from(*onto) - 1.0 - exact).abs());
                assert!(off < 2e-3, "{rows} x {inner} x {columns}, number {at}: off by {off}");
            }
            assert_eq!(found(2, Onto::Nothing, 7.0), alone);
            assert_eq!(found(3, Onto::Values, 1.0), onto_ones);
        }
        shared_product(&mut [], Matrix::new(&[1.0], 1), Matrix::new(&[], 1).transposed(), Onto::Nothing);
    }
}
