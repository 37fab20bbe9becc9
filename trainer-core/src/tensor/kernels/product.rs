//! The product of matrices, on the thread that asks for it.
//!
//! What comes in: views of slices. What goes out: `scale · left · right`, written or added to a view. How it is computed is
//! chosen at run time, by the processor: in blocks of our own, or by the `gemm` crate. An element has the same bits whichever
//! part of the product is asked for with it, if that has [`TILE`] rows or all there are.
//!
//! With one of the features `openblas`, `mkl` and `accelerate` that library computes the products of views that it takes.
//! It may add the numbers of an element in another order where the part has another shape: then the bits depend on the
//! number of threads.

use super::matrix::{Matrix, MatrixMut};

/// What happens to the numbers that the output holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Onto {
    /// They are replaced.
    Nothing,
    /// They are added to.
    Values,
}

/// Parts of a product have as many rows at least, and begin at a multiple of it: products work on whole tiles, and compute
/// few rows in another way.
pub(crate) const TILE: usize = 12;

/// Products with fewer columns than this are computed tile by tile where the order of additions depends on the number of rows.
const NARROW: usize = 65;

/// A product of which threads share the rows.
pub(crate) fn product_of_rows(mut output: MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>, scale: f32, onto: Onto) {
    let rows = output.row_count();
    if output.column_count() >= NARROW || rows_are_independent() {
        return product(output, left, right, scale, onto);
    }
    for first in (0..rows).step_by(TILE) {
        let tile = first..rows.min(first + TILE);
        product(output.reborrow().rows(tile.clone()), left.rows(tile), right, scale, onto);
    }
}

/// Whether the order of additions does not depend on the number of rows in products with few columns, too.
fn rows_are_independent() -> bool {
    #[cfg(target_arch = "x86_64")]
    let is_in_blocks = super::blocked::is_for_this_processor();
    #[cfg(not(target_arch = "x86_64"))]
    let is_in_blocks = false;
    is_in_blocks && !cfg!(any(feature = "openblas", feature = "mkl", feature = "accelerate"))
}

/// `scale · left · right`.
pub(crate) fn product(mut output: MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>, scale: f32, onto: Onto) {
    assert!(left.rows == output.rows && right.columns == output.columns && left.columns == right.rows);
    if output.rows == 0 || output.columns == 0 {
        return;
    }
    if left.columns == 0 {
        if onto == Onto::Nothing {
            (0..output.rows).for_each(|row| output.row_mut(row).fill(0.0));
        }
        return;
    }
    #[cfg(any(feature = "openblas", feature = "mkl", feature = "accelerate"))]
    if super::blas::product(&mut output, &left, &right, scale, onto) {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if output.rows >= TILE && super::blocked::product(&mut output, left, right, scale, onto) {
        return;
    }
    product_by_gemm(output, left, right, scale, onto);
}

/// The same by the `gemm` crate, of views whose shapes agree and of which none is empty.
fn product_by_gemm(mut output: MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>, scale: f32, onto: Onto) {
    let (rows, columns, inner) = (output.rows, output.columns, left.columns);
    let output_stride = output.row_stride.cast_signed();
    // SAFETY: each view holds every element of its shape at its strides (`as_ptr` checks it for those that are read), the
    // shapes agree, and `output` is a part that nothing else holds while it is written.
    #[expect(unsafe_code, reason = "the product takes pointers")]
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            output.as_mut_ptr(),
            1,
            output_stride,
            onto == Onto::Values,
            left.as_ptr(),
            left.column_stride.cast_signed(),
            left.row_stride.cast_signed(),
            right.as_ptr(),
            right.column_stride.cast_signed(),
            right.row_stride.cast_signed(),
            1.0,
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(len: usize, speed: f32) -> Vec<f32> {
        (0..len).map(|at| (at as f32 * speed).sin()).collect()
    }

    fn naive(left: Matrix<'_>, right: Matrix<'_>) -> Vec<f64> {
        let right = right.transposed();
        let column = |matrix: Matrix<'_>, row: usize| -> Vec<f64> {
            (0..matrix.columns).map(|at| f64::from(matrix.columns(at..at + 1).transposed().row_of_one(row))).collect()
        };
        let mut all = Vec::new();
        for row in 0..left.rows {
            for other in 0..right.rows {
                let pairs = column(left, row).into_iter().zip(column(right, other));
                all.push(pairs.map(|(l, r)| l * r).sum());
            }
        }
        all
    }

    impl Matrix<'_> {
        /// An element of a matrix of one row.
        fn row_of_one(&self, at: usize) -> f32 {
            let last = self.columns(at..at + 1);
            // SAFETY: `as_ptr` checks that the one element is there.
            #[expect(unsafe_code, reason = "a strided element")]
            unsafe {
                *last.as_ptr()
            }
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "what no product writes to stays as it was")]
    fn products_of_views_are_those_of_the_definition() {
        for (rows, inner, columns) in [(1, 1, 1), (5, 7, 3), (17, 33, 20), (64, 12, 1), (1, 40, 50)] {
            let (left, right) = (wave(rows * inner, 0.3), wave(inner * columns, 0.7));
            let transposed_left = wave(inner * rows, 0.3);
            for left in [Matrix::new(&left, inner), Matrix::new(&transposed_left, rows).transposed()] {
                let right = Matrix::new(&right, columns);
                let expected = naive(left, right);
                for product in [product, product_by_gemm] {
                    let mut output = vec![1.0; rows * (columns + 2)];
                    let view = MatrixMut::new(&mut output, columns + 2).columns(1..columns + 1);
                    product(view, left, right, 0.5, Onto::Values);
                    for (at, expected) in expected.iter().enumerate() {
                        let found = f64::from(output[(at / columns) * (columns + 2) + 1 + at % columns]);
                        assert!((found - 1.0 - 0.5 * expected).abs() < 1e-4, "{found} and {expected}");
                    }
                    assert!(output.chunks(columns + 2).all(|row| row[0] == 1.0 && row[columns + 1] == 1.0));
                }
            }
        }
    }

    // Other libraries promise it of no shape.
    #[cfg(not(any(feature = "openblas", feature = "mkl", feature = "accelerate")))]
    #[test]
    fn rows_have_the_same_bits_alone_and_together() {
        let (rows, inner, columns) = (53, 70, 37);
        let (left, right) = (wave(rows * inner, 0.3), wave(inner * columns, 0.7));
        let (left, right) = (Matrix::new(&left, inner), Matrix::new(&right, columns));
        for product in [product, product_by_gemm] {
            let mut whole = vec![0.0; rows * columns];
            product(MatrixMut::new(&mut whole, columns), left, right, 1.0, Onto::Nothing);
            let mut parts = vec![0.0; rows * columns];
            let (above, below) = MatrixMut::new(&mut parts, columns).split_at_row(20);
            product(above, left.rows(0..20), right, 1.0, Onto::Nothing);
            product(below, left.rows(20..rows), right, 1.0, Onto::Nothing);
            assert_eq!(whole, parts);
        }
    }

    #[test]
    fn narrow_products_have_the_same_bits_whatever_rows_a_thread_has() {
        let (rows, inner, columns) = (5 * TILE + 3, 70, 8);
        let (left, right) = (wave(rows * inner, 0.3), wave(inner * columns, 0.7));
        let (left, right) = (Matrix::new(&left, inner), Matrix::new(&right, columns));
        let mut whole = vec![0.0; rows * columns];
        product_of_rows(MatrixMut::new(&mut whole, columns), left, right, 1.0, Onto::Nothing);
        let mut parts = vec![0.0; rows * columns];
        let (above, below) = MatrixMut::new(&mut parts, columns).split_at_row(2 * TILE);
        product_of_rows(above, left.rows(0..2 * TILE), right, 1.0, Onto::Nothing);
        product_of_rows(below, left.rows(2 * TILE..rows), right, 1.0, Onto::Nothing);
        assert_eq!(whole, parts);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "a sum of nothing is exactly zero")]
    fn an_empty_sum_is_zero() {
        let mut output = [1.0; 4];
        let empty = Matrix::new(&[], 2);
        product(MatrixMut::new(&mut output, 2), empty.transposed(), empty, 1.0, Onto::Nothing);
        assert_eq!(output, [0.0; 4]);
    }
}
