//! Views of slices as matrices: rows and columns with strides, cut into parts that threads work on.
//!
//! What comes in: a slice and the shape that it holds. What goes out: parts of it by rows and columns. A view that can be
//! written to is cut into parts that do not overlap; lengths are checked where a view is made or cut.

use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;

/// A matrix to read: any strides, so that a transpose is a view too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// `columns` numbers a row, row after row.
    pub(crate) fn new(values: &'a [f32], columns: usize) -> Self {
        assert!(columns > 0 && values.len().is_multiple_of(columns), "{} numbers in rows of {columns}", values.len());
        Self { values, rows: values.len() / columns, columns, row_stride: columns, column_stride: 1 }
    }

    /// Some of the rows.
    pub(crate) fn rows(self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.rows);
        let values = if range.is_empty() { &[] } else { &self.values[range.start * self.row_stride..] };
        Self { values, rows: range.len(), ..self }
    }

    /// Some of the columns.
    pub(crate) fn columns(self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.columns);
        let values =
            if range.is_empty() || self.rows == 0 { &[] } else { &self.values[range.start * self.column_stride..] };
        Self { values, columns: range.len(), ..self }
    }

    /// Columns as rows.
    pub(crate) fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// How many rows there are.
    pub(crate) fn row_count(&self) -> usize {
        self.rows
    }

    /// How many columns there are.
    pub(crate) fn column_count(&self) -> usize {
        self.columns
    }

    /// A row of a matrix whose rows are not strided.
    pub(crate) fn row(&self, row: usize) -> &'a [f32] {
        assert!(row < self.rows && self.column_stride == 1);
        &self.values[row * self.row_stride..][..self.columns]
    }

    /// The first element; every other element of the shape lies within the slice behind it.
    pub(super) fn as_ptr(&self) -> *const f32 {
        if self.rows > 0 && self.columns > 0 {
            let last = (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride;
            assert!(last < self.values.len());
        }
        self.values.as_ptr()
    }
}

/// A matrix to write: rows of contiguous numbers, maybe with others' numbers between them.
#[derive(Debug)]
pub(crate) struct MatrixMut<'a> {
    /// Its rows lie within the slice that it was made of, and no other view holds them.
    first: NonNull<f32>,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: it is a part of a `&mut [f32]` that no other view holds, and such slices may go to other threads.
#[expect(unsafe_code, reason = "a raw pointer is not `Send` by itself")]
unsafe impl Send for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    /// `columns` numbers a row, row after row.
    pub(crate) fn new(values: &'a mut [f32], columns: usize) -> Self {
        assert!(columns > 0 && values.len().is_multiple_of(columns), "{} numbers in rows of {columns}", values.len());
        let rows = values.len() / columns;
        Self { first: NonNull::from(values).cast(), rows, columns, row_stride: columns, slice: PhantomData }
    }

    /// How many rows there are.
    pub(crate) fn row_count(&self) -> usize {
        self.rows
    }

    /// How many columns there are.
    pub(crate) fn column_count(&self) -> usize {
        self.columns
    }

    /// The same part, lent out for a while.
    pub(crate) fn reborrow(&mut self) -> MatrixMut<'_> {
        MatrixMut { slice: PhantomData, ..*self }
    }

    /// The rows before `row`, and those from it on.
    pub(crate) fn split_at_row(self, row: usize) -> (Self, Self) {
        assert!(row <= self.rows);
        (Self { rows: row, ..self }, self.shifted(row * self.row_stride, self.rows - row, self.columns))
    }

    /// The columns before `column`, and those from it on.
    pub(crate) fn split_at_column(self, column: usize) -> (Self, Self) {
        assert!(column <= self.columns);
        (Self { columns: column, ..self }, self.shifted(column, self.rows, self.columns - column))
    }

    /// Some of the columns.
    pub(crate) fn columns(self, range: Range<usize>) -> Self {
        self.split_at_column(range.end).0.split_at_column(range.start).1
    }

    /// Some of the rows.
    pub(crate) fn rows(self, range: Range<usize>) -> Self {
        self.split_at_row(range.end).0.split_at_row(range.start).1
    }

    /// One row.
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows);
        // SAFETY: a row of this view lies within the slice that it was made of, and this view alone may write to it; the
        // borrow of the view keeps it from being written to or cut meanwhile.
        #[expect(unsafe_code, reason = "rows of a part of columns are no slice of a slice")]
        unsafe {
            std::slice::from_raw_parts_mut(self.first.as_ptr().add(row * self.row_stride), self.columns)
        }
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.first.as_ptr()
    }

    /// The part that begins `offset` numbers later; an empty part stays where it is.
    fn shifted(&self, offset: usize, rows: usize, columns: usize) -> Self {
        if rows == 0 || columns == 0 {
            return Self { rows, columns, slice: PhantomData, ..*self };
        }
        // SAFETY: the part has an element at `offset`, so that it lies within the slice.
        #[expect(unsafe_code, reason = "parts of columns are no slice of a slice")]
        let first = unsafe { self.first.add(offset) };
        Self { first, rows, columns, slice: PhantomData, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_by_rows_and_columns_cover_a_matrix_once() {
        let mut values = vec![0.0; 20];
        let (above, below) = MatrixMut::new(&mut values, 5).split_at_row(1);
        let (left, right) = below.split_at_column(2);
        for (mut part, number) in [(above, 1.0), (left, 2.0), (right, 3.0)] {
            for row in 0..part.row_count() {
                part.row_mut(row).iter_mut().for_each(|value| *value += number);
            }
        }
        let rows = [[1.0, 1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0, 3.0]];
        assert_eq!(values[..10], rows.concat());
        assert_eq!(values[10..15], values[5..10]);
    }

    #[test]
    fn a_part_without_rows_or_columns_is_empty() {
        let mut values = vec![0.0; 6];
        let (all, mut none) = MatrixMut::new(&mut values, 3).split_at_row(2);
        assert_eq!((none.row_count(), all.split_at_column(3).1.columns), (0, 0));
        assert_eq!(none.reborrow().columns(1..2).row_count(), 0);
        let matrix = Matrix::new(&[1.0, 2.0, 3.0, 4.0], 2);
        assert_eq!(matrix.rows(2..2).columns(1..2).rows, 0);
        assert_eq!(matrix.columns(1..2).transposed().row_stride, 1);
    }

    #[test]
    #[should_panic(expected = "assertion")]
    fn a_row_beyond_the_last_is_refused() {
        MatrixMut::new(&mut [0.0; 4], 2).row_mut(2);
    }
}
