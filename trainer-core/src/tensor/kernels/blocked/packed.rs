//! Matrices in the order in which tiles read them.
//!
//! What comes in: views of slices. What goes out: lines of panels and tiles of rows, in memory that is used again.

use std::arch::x86_64::{
    __m256, _mm256_loadu_ps, _mm256_permute2f128_ps, _mm256_shuffle_ps, _mm256_store_ps, _mm256_unpackhi_ps,
    _mm256_unpacklo_ps,
};

use super::super::matrix::Matrix;
use super::{COLUMNS, LANES, ROWS};

/// The numbers of a row of `right` in a panel: a line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(pub(super) [f32; COLUMNS]);

impl Line {
    const ZERO: Self = Self([0.0; COLUMNS]);
}

/// What a thread has of a block in the order in which it is read; behind it may stand what is left of larger blocks.
#[derive(Default)]
pub(super) struct Packed {
    /// Tile by tile, those of them whose rows do not lie one after the other.
    pub(super) left: Vec<[f32; ROWS]>,
    /// Panel by panel.
    pub(super) right: Vec<Line>,
}

impl Packed {
    /// Keeps `right` in panels of [`COLUMNS`] columns, with zeros behind its last one.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn pack_right(&mut self, right: Matrix<'_>) {
        let inner = right.rows;
        let panels = at_least(&mut self.right, right.columns.div_ceil(COLUMNS) * inner, Line::ZERO);
        for (panel, lines) in panels.chunks_exact_mut(inner).enumerate() {
            let first = panel * COLUMNS;
            let columns = right.columns(first..right.columns.min(first + COLUMNS));
            if right.column_stride != 1 {
                pack_columns(columns.transposed(), lines);
            } else if columns.columns == COLUMNS {
                pack_rows(columns, lines);
            } else {
                lines.fill(Line::ZERO);
                for (row, line) in lines.iter_mut().enumerate() {
                    line.0.iter_mut().zip(columns.row(row)).for_each(|(line, number)| *line = *number);
                }
            }
        }
    }

    /// Keeps the rows of `left` from `first` on in tiles of [`ROWS`] rows, with zeros behind its last one.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn pack_left(&mut self, left: Matrix<'_>, first: usize) {
        let (inner, left) = (left.columns, left.rows(first..left.rows));
        let tiles = at_least(&mut self.left, left.rows.div_ceil(ROWS) * inner, [0.0; ROWS]);
        for (tile, packed) in tiles.chunks_exact_mut(inner).enumerate() {
            let rows = left.rows(tile * ROWS..left.rows.min((tile + 1) * ROWS));
            if rows.rows < ROWS {
                packed.fill([0.0; ROWS]);
            }
            if rows.column_stride == 1 {
                for row in 0..rows.rows {
                    packed.iter_mut().zip(rows.row(row)).for_each(|(packed, number)| packed[row] = *number);
                }
                continue;
            }
            let columns = rows.transposed();
            for (column, packed) in packed.iter_mut().enumerate() {
                let column = columns.row(column);
                match column.first_chunk() {
                    Some(whole) => *packed = *whole,
                    None => packed.iter_mut().zip(column).for_each(|(packed, number)| *packed = *number),
                }
            }
        }
    }
}

/// So much of the memory, which grows if need be.
fn at_least<T: Clone>(memory: &mut Vec<T>, length: usize, filling: T) -> &mut [T] {
    if memory.len() < length {
        memory.resize(length, filling);
    }
    &mut memory[..length]
}

/// Packs rows of [`COLUMNS`] numbers.
#[target_feature(enable = "avx2,fma")]
fn pack_rows(rows: Matrix<'_>, lines: &mut [Line]) {
    assert!(rows.rows == lines.len() && rows.columns == COLUMNS && rows.column_stride == 1);
    let first = rows.as_ptr();
    for (row, line) in lines.iter_mut().enumerate() {
        // SAFETY: the view has as many rows, of as many numbers, all within its slice.
        #[expect(unsafe_code, reason = "a check for each line takes as long as copying it")]
        unsafe {
            let (row, line) = (first.add(row * rows.row_stride), line.0.as_mut_ptr());
            _mm256_store_ps(line, _mm256_loadu_ps(row));
            _mm256_store_ps(line.add(LANES), _mm256_loadu_ps(row.add(LANES)));
        }
    }
}

/// Packs rows as columns, of which there are [`COLUMNS`] at most.
#[target_feature(enable = "avx2,fma")]
fn pack_columns(rows: Matrix<'_>, lines: &mut [Line]) {
    assert!(rows.rows <= COLUMNS && rows.columns == lines.len() && rows.column_stride == 1);
    let squares = if rows.rows == COLUMNS { lines.len() / LANES } else { 0 };
    if rows.rows < COLUMNS {
        lines.fill(Line::ZERO);
    }
    for (first_row, square) in [0, LANES].into_iter().flat_map(|row| (0..squares).map(move |square| (row, square))) {
        let corner = rows.rows(first_row..first_row + LANES).as_ptr();
        // SAFETY: there are eight rows from this one on, each with eight numbers for every square.
        #[expect(unsafe_code, reason = "a check for each line takes as long as copying it")]
        let square_rows: [__m256; LANES] =
            std::array::from_fn(|row| unsafe { _mm256_loadu_ps(corner.add(row * rows.row_stride + square * LANES)) });
        let columns = transposed(square_rows);
        for (line, column) in lines[square * LANES..][..LANES].iter_mut().zip(columns) {
            let place = &mut line.0[first_row..first_row + LANES];
            // SAFETY: the place has eight numbers; a line, and so its half, is aligned.
            #[expect(unsafe_code, reason = "a register is written")]
            unsafe {
                _mm256_store_ps(place.as_mut_ptr(), column);
            }
        }
    }
    for row in 0..rows.rows {
        for (line, number) in lines.iter_mut().zip(rows.row(row)).skip(squares * LANES) {
            line.0[row] = *number;
        }
    }
}

/// Eight rows of eight numbers as columns.
#[target_feature(enable = "avx2,fma")]
fn transposed([a, b, c, d, e, f, g, h]: [__m256; LANES]) -> [__m256; LANES] {
    let low = |above, below| _mm256_unpacklo_ps(above, below);
    let high = |above, below| _mm256_unpackhi_ps(above, below);
    // In each half of a vector a column's numbers of four rows.
    let first = |above, below| _mm256_shuffle_ps::<0x44>(above, below);
    let second = |above, below| _mm256_shuffle_ps::<0xee>(above, below);
    let fours = |[a, b, c, d]: [__m256; 4]| {
        let ([low_above, low_below], [high_above, high_below]) = ([low(a, b), low(c, d)], [high(a, b), high(c, d)]);
        [
            first(low_above, low_below),
            second(low_above, low_below),
            first(high_above, high_below),
            second(high_above, high_below),
        ]
    };
    let (upper, lower) = (fours([a, b, c, d]), fours([e, f, g, h]));
    let mut columns = [a; LANES];
    for at in 0..LANES / 2 {
        columns[at] = _mm256_permute2f128_ps::<0x20>(upper[at], lower[at]);
        columns[at + LANES / 2] = _mm256_permute2f128_ps::<0x31>(upper[at], lower[at]);
    }
    columns
}
