//! The product of matrices in blocks that stay in the caches, for processors with AVX2 and FMA.
//!
//! What comes in: views of slices. What goes out: `scale · left · right`, written or added to a view; an element has the same
//! bits whichever part of the product is asked for with it.
//!
//! The order of the loops is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): a
//! panel of `right` lies in the nearest cache while all rows of a block of `left`, which lie in the next one, meet it. Rows
//! of `left` are read where they are. On matrices that come from memory, as in training, that is faster than `gemm`, which
//! packs both sides; on processors with wider vectors `gemm` stays.

mod packed;

use std::arch::x86_64::{
    _MM_HINT_T0, _mm_prefetch, _mm256_broadcast_ss, _mm256_fmadd_ps, _mm256_load_ps, _mm256_loadu_ps, _mm256_mul_ps,
    _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
};
use std::cell::RefCell;
use std::sync::OnceLock;

use self::packed::{Line, Packed};
use super::matrix::{Matrix, MatrixMut};
use super::product::Onto;
use super::shared::even;

/// Rows and columns of a tile, whose sums fill twelve of the sixteen registers.
const ROWS: usize = 6;
const COLUMNS: usize = 16;

/// Numbers of a register.
const LANES: usize = 8;

/// Rows and columns of a block, and additions of each of its numbers: a panel of `right` takes 32 KiB at most, the rows of
/// `left` 384 KiB, and the columns of `right` 4 MiB.
const BLOCK_ROWS: usize = 32 * ROWS;
const BLOCK_COLUMNS: usize = 128 * COLUMNS;
const INNER: usize = 512;

thread_local! {
    static PACKED: RefCell<Packed> = RefCell::default();
}

/// Whether this processor has the instructions, and none of wider vectors.
pub(super) fn is_for_this_processor() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && !is_x86_feature_detected!("avx512f")
    })
}

/// `scale · left · right`, of views whose shapes agree and of which none is empty; `false` if this is not for the processor
/// and nothing was done.
pub(super) fn product(output: &mut MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>, scale: f32, onto: Onto) -> bool {
    if !is_for_this_processor() {
        return false;
    }
    PACKED.with_borrow_mut(|packed| {
        for first_column in (0..right.columns).step_by(BLOCK_COLUMNS) {
            let columns = first_column..right.columns.min(first_column + BLOCK_COLUMNS);
            for (block, inner) in even(left.columns, INNER).enumerate() {
                let onto = if block == 0 { onto } else { Onto::Values };
                let right = right.rows(inner.clone()).columns(columns.clone());
                // SAFETY: the processor has the instructions.
                #[expect(unsafe_code, reason = "functions of an instruction set")]
                unsafe {
                    packed.pack_right(right);
                }
                for first_row in (0..left.rows).step_by(BLOCK_ROWS) {
                    let rows = first_row..left.rows.min(first_row + BLOCK_ROWS);
                    let left = left.rows(rows.clone()).columns(inner.clone());
                    let output = output.reborrow().rows(rows).columns(columns.clone());
                    // SAFETY: the processor has the instructions.
                    #[expect(unsafe_code, reason = "functions of an instruction set")]
                    unsafe {
                        packed.multiply(output, left, scale, onto);
                    }
                }
            }
        }
    });
    true
}

impl Packed {
    /// `scale · left ·` what is kept of `right`.
    #[target_feature(enable = "avx2,fma")]
    fn multiply(&mut self, mut output: MatrixMut<'_>, left: Matrix<'_>, scale: f32, onto: Onto) {
        let (inner, columns) = (left.columns, output.columns);
        assert!(output.rows == left.rows);
        // Where rows lie one after the other, only those of a tile that is not whole are packed.
        let in_place = if left.column_stride == 1 { left.rows / ROWS * ROWS } else { 0 };
        self.pack_left(left, in_place);
        let (rows, stride) = (left.as_ptr(), left.row_stride);
        let panels = &self.right[..columns.div_ceil(COLUMNS) * inner];
        for (panel, right) in panels.chunks_exact(inner).enumerate() {
            let first_column = panel * COLUMNS;
            for first_row in (0..left.rows).step_by(ROWS) {
                let is_whole = first_row + ROWS <= left.rows && first_column + COLUMNS <= columns;
                let mut tile = [[0.0; COLUMNS]; ROWS];
                let packed =
                    (first_row >= in_place).then(|| &self.left[(first_row - in_place) / ROWS * inner..][..inner]);
                // SAFETY: the tile is a whole one of the output, which is as large as this says, or the numbers of `tile`;
                // `left` has `inner` numbers in each row of its view, all within its slice, and six rows from this one on,
                // or they are packed.
                #[expect(unsafe_code, reason = "six rows are read and written at a time")]
                unsafe {
                    let place = if is_whole {
                        let first = output.as_mut_ptr().add(first_row * output.row_stride + first_column);
                        Place { first, stride: output.row_stride, scale, onto }
                    } else {
                        Place { first: tile.as_mut_ptr().cast(), stride: COLUMNS, scale: 1.0, onto: Onto::Nothing }
                    };
                    match packed {
                        Some(packed) => sums::<true>(packed.as_ptr().cast(), ROWS, right, place),
                        None => sums::<false>(rows.add(first_row * stride), stride, right, place),
                    }
                }
                if !is_whole {
                    for (row, sums) in (first_row..left.rows).zip(tile) {
                        for (output, sum) in output.row_mut(row)[first_column..].iter_mut().zip(sums) {
                            *output = if onto == Onto::Nothing { sum * scale } else { sum.mul_add(scale, *output) };
                        }
                    }
                }
            }
        }
    }
}

/// Where the sums of a tile go.
#[derive(Clone, Copy)]
struct Place {
    first: *mut f32,
    stride: usize,
    scale: f32,
    onto: Onto,
}

/// Computes and writes a tile.
///
/// # Safety
///
/// `left` points to as many times [`ROWS`] numbers as `right` has lines, if they are packed, or to as many of [`ROWS`] rows
/// that are `stride` apart; `place` is one of [`ROWS`] rows of [`COLUMNS`] numbers that nobody else reads or writes.
#[expect(unsafe_code, reason = "six rows are read and written at a time")]
#[target_feature(enable = "avx2,fma")]
unsafe fn sums<const IS_PACKED: bool>(left: *const f32, stride: usize, right: &[Line], place: Place) {
    const STEP: usize = 4;
    let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
    let (steps, rest) = right.as_chunks::<STEP>();
    // SAFETY: every number that is read or written is one of those that the caller has promised.
    unsafe {
        for row in 0..ROWS {
            _mm_prefetch::<_MM_HINT_T0>(place.first.add(row * place.stride).cast());
            _mm_prefetch::<_MM_HINT_T0>(place.first.add(row * place.stride + COLUMNS - 1).cast());
        }
        let mut add = |at: usize, line: &Line| {
            let line = [_mm256_load_ps(line.0.as_ptr()), _mm256_load_ps(line.0.as_ptr().add(LANES))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let number = if IS_PACKED { left.add(at * ROWS + row) } else { left.add(row * stride + at) };
                let number = _mm256_broadcast_ss(&*number);
                *sums = [_mm256_fmadd_ps(number, line[0], sums[0]), _mm256_fmadd_ps(number, line[1], sums[1])];
            }
        };
        for (step, lines) in steps.iter().enumerate() {
            for (at, line) in lines.iter().enumerate() {
                add(step * STEP + at, line);
            }
        }
        for (at, line) in rest.iter().enumerate() {
            add(steps.len() * STEP + at, line);
        }
        let scale = _mm256_set1_ps(place.scale);
        for (row, sums) in sums.iter().enumerate() {
            for (half, sum) in sums.iter().enumerate() {
                let output = place.first.add(row * place.stride + half * LANES);
                let sum = match place.onto {
                    Onto::Nothing => _mm256_mul_ps(*sum, scale),
                    Onto::Values => _mm256_fmadd_ps(*sum, scale, _mm256_loadu_ps(output)),
                };
                _mm256_storeu_ps(output, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(len: usize, speed: f32) -> Vec<f32> {
        (0..len).map(|at| (at as f32 * speed).sin()).collect()
    }

    /// Rows and columns of the output, and additions of each number: whole tiles and blocks, and parts of them.
    const SHAPES: [(usize, usize, usize); 9] = [
        (1, 1, 1),
        (6, 16, 8),
        (5, 15, 3),
        (12, 64, 70),
        (13, 33, 9),
        (BLOCK_ROWS, COLUMNS, 4),
        (BLOCK_ROWS + 7, 3, 21),
        (7, BLOCK_COLUMNS + 17, 5),
        (8, 18, 2 * INNER + 11),
    ];

    #[test]
    fn blocks_are_the_product_whatever_the_views() {
        if !is_for_this_processor() {
            return;
        }
        for (rows, columns, inner) in SHAPES {
            let (left, right) = (wave(rows * inner, 0.3), wave(inner * columns, 0.7));
            let (left_rows, right_rows) = (Matrix::new(&left, inner), Matrix::new(&right, columns));
            let (left_columns, right_columns) =
                (Matrix::new(&left, rows).transposed(), Matrix::new(&right, inner).transposed());
            for (left_view, right_view) in [
                (left_rows, right_rows),
                (left_columns, right_rows),
                (left_rows, right_columns),
                (left_columns, right_columns),
            ] {
                let element = |row: usize, column: usize| -> f64 {
                    let of = |view: &Matrix<'_>, values: &[f32], row: usize, column: usize| {
                        f64::from(values[row * view.row_stride + column * view.column_stride])
                    };
                    (0..inner).map(|at| of(&left_view, &left, row, at) * of(&right_view, &right, at, column)).sum()
                };
                // Written over, then added to.
                let mut output = vec![f32::NAN; rows * (columns + 3)];
                for (onto, scale, times) in [(Onto::Nothing, 0.5, 0.5), (Onto::Values, 2.0, 2.5)] {
                    let mut view = MatrixMut::new(&mut output, columns + 3).columns(2..columns + 2);
                    assert!(product(&mut view, left_view, right_view, scale, onto));
                    for row in 0..rows {
                        for column in 0..columns {
                            let (found, exact) =
                                (output[row * (columns + 3) + 2 + column], times * element(row, column));
                            assert!((f64::from(found) - exact).abs() < 2e-3, "{rows} x {columns}: {found} and {exact}");
                        }
                    }
                }
                let beside = |row: &[f32]| row[0].is_nan() && row[1].is_nan() && row[columns + 2].is_nan();
                assert!(output.chunks(columns + 3).all(beside));
            }
        }
    }

    #[test]
    fn an_element_has_the_same_bits_in_every_part() {
        if !is_for_this_processor() {
            return;
        }
        let (rows, columns, inner) = (47, 53, INNER + 30);
        let (left, right, before) = (wave(rows * inner, 0.3), wave(inner * columns, 0.7), wave(rows * columns, 0.1));
        let (left, right) = (Matrix::new(&left, inner), Matrix::new(&right, columns));
        let mut whole = before.clone();
        product(&mut MatrixMut::new(&mut whole, columns), left, right, 0.3, Onto::Values);
        for (row, column) in [(1, 1), (17, 20), (36, 48), (46, 52)] {
            let mut parts = before.clone();
            let (above, below) = MatrixMut::new(&mut parts, columns).split_at_row(row);
            for (part, rows) in [(above, 0..row), (below, row..rows)] {
                let (mut beside, mut rest) = part.split_at_column(column);
                let left = left.rows(rows);
                product(&mut beside, left, right.columns(0..column), 0.3, Onto::Values);
                product(&mut rest, left, right.columns(column..columns), 0.3, Onto::Values);
            }
            assert_eq!(whole, parts, "cut at row {row} and column {column}");
        }
    }
}
