//! The product of matrices by a library that is linked: OpenBLAS, MKL or Accelerate.
//!
//! What comes in: views as [`product`](super::product::product) takes them. What goes out: whether the library computed
//! it; it does not take views with strides in both directions, and those of more than `i32::MAX` numbers a side.
//!
//! Threads share rows before they come here, so the library is to use one: `OPENBLAS_NUM_THREADS=1`, `MKL_NUM_THREADS=1`.

use std::ffi::{c_char, c_float, c_int};

use super::matrix::{Matrix, MatrixMut};
use super::product::Onto;

#[cfg_attr(feature = "openblas", link(name = "openblas"))]
#[expect(unsafe_code, reason = "the interface of BLAS")]
unsafe extern "C" {
    /// Matrices are stored column after column, `ld…` numbers from one to the next.
    fn sgemm_(
        transpose_a: *const c_char,
        transpose_b: *const c_char,
        m: *const c_int,
        n: *const c_int,
        k: *const c_int,
        alpha: *const c_float,
        a: *const c_float,
        lda: *const c_int,
        b: *const c_float,
        ldb: *const c_int,
        beta: *const c_float,
        c: *mut c_float,
        ldc: *const c_int,
    );
}

/// How the library is to read the transpose of a matrix: as it is stored, if rows lie one after the other, for which the
/// library takes them to be columns; otherwise with its own columns as rows. And how far these are from each other.
fn reading(matrix: &Matrix<'_>) -> Option<(c_char, c_int)> {
    let (rows, columns) = (matrix.rows, matrix.columns);
    let (letter, apart, least) = if matrix.column_stride == 1 && (matrix.row_stride >= columns || rows == 1) {
        (b'N', matrix.row_stride, columns)
    } else if matrix.row_stride == 1 && (matrix.column_stride >= rows || columns == 1) {
        (b'T', matrix.column_stride, rows)
    } else {
        return None;
    };
    Some((letter as c_char, c_int::try_from(apart.max(least)).ok()?))
}

/// `scale · left · right`, of views whose shapes agree and of which none is empty; `false` if the library does not take
/// them and nothing was done.
pub(super) fn product(
    output: &mut MatrixMut<'_>,
    left: &Matrix<'_>,
    right: &Matrix<'_>,
    scale: f32,
    onto: Onto,
) -> bool {
    let (Some((of_left, left_apart)), Some((of_right, right_apart))) = (reading(left), reading(right)) else {
        return false;
    };
    let number = |count: usize| c_int::try_from(count).ok();
    let (Some(columns), Some(rows), Some(inner), Some(output_apart)) = (
        number(output.columns),
        number(output.rows),
        number(left.columns),
        number(output.row_stride.max(output.columns)),
    ) else {
        return false;
    };
    let before = if onto == Onto::Values { 1.0 } else { 0.0 };
    // SAFETY: the product of the transposes in the other order is the transpose of the product. Each view holds every
    // element of its shape at its strides (`as_ptr` checks it for those that are read), `reading` says which they are, the
    // shapes agree, and `output` is a part that nothing else holds while it is written.
    #[expect(unsafe_code, reason = "the product takes pointers")]
    unsafe {
        sgemm_(
            &raw const of_right,
            &raw const of_left,
            &raw const columns,
            &raw const rows,
            &raw const inner,
            &raw const scale,
            right.as_ptr(),
            &raw const right_apart,
            left.as_ptr(),
            &raw const left_apart,
            &raw const before,
            output.as_mut_ptr(),
            &raw const output_apart,
        );
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_columns_and_parts_of_both_are_taken_and_strides_both_ways_are_not() {
        let values = [1.0; 24];
        let whole = Matrix::new(&values, 6);
        let letters = |matrix: Matrix<'_>| reading(&matrix).map(|(letter, apart)| (letter as u8 as char, apart));
        assert_eq!(letters(whole.columns(1..3)), Some(('N', 6)));
        assert_eq!(letters(whole.rows(1..3).transposed()), Some(('T', 6)));
        assert_eq!(letters(whole.columns(2..3).transposed()), Some(('T', 6)));
        let mut strided = whole.rows(0..2).columns(0..2);
        (strided.row_stride, strided.column_stride) = (12, 2);
        assert_eq!(letters(strided), None);
        let mut output = [7.0; 4];
        let mut view = MatrixMut::new(&mut output, 2);
        assert!(!product(&mut view, &strided, &strided.transposed(), 1.0, Onto::Nothing));
        let ones = whole.rows(0..2);
        assert!(product(&mut view, &ones, &ones.transposed(), 0.5, Onto::Values));
        // Seven as it was, and half of six ones.
        assert!(output.iter().all(|value| value.to_bits() == 10f32.to_bits()), "{output:?}");
    }
}
