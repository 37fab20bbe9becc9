//! Sums of rows of a table, of which few are touched.
//!
//! In come ids and a row for each; out goes one row for each id that occurred. Each sum is added up in the order in which
//! its rows came in.

use candle_core::bail;

use super::gradient::{RowGradient, Touched, add};

/// One sum for each row of a table that was touched.
#[derive(Debug, Default)]
pub(super) struct RowSums {
    width: usize,
    /// Row of the table and place of its sum in `values`, in the order in which the rows were touched first.
    touched: Touched,
    values: Vec<f32>,
    /// For each row of the table, one more than the place of its sum; 0 for one that is not touched.
    places: Vec<u32>,
}

impl RowSums {
    pub(super) fn add(
        &mut self,
        table_rows: usize,
        width: usize,
        ids: &[u32],
        values: &[f32],
    ) -> candle_core::Result<()> {
        if width == 0 || ids.len() * width != values.len() {
            bail!("{} rows of {width} numbers are not {} numbers", ids.len(), values.len())
        }
        if let Some(id) = ids.iter().find(|id| **id as usize >= table_rows) {
            bail!("there is no row {id} in a table of {table_rows} rows")
        }
        if !self.touched.is_empty() && (self.width, self.places.len()) != (width, table_rows) {
            bail!("rows of {width} numbers of a table of {table_rows} rows are added to those of another table")
        }
        self.width = width;
        if self.places.len() != table_rows {
            self.places = vec![0; table_rows];
        }
        for (id, row) in ids.iter().zip(values.chunks_exact(width)) {
            let place = &mut self.places[*id as usize];
            if *place == 0 {
                self.touched.push((*id, self.touched.len() as u32));
                self.values.extend_from_slice(row);
                *place = self.touched.len() as u32;
            } else {
                let start = (*place as usize - 1) * width;
                add(&mut self.values[start..start + width], row);
            }
        }
        Ok(())
    }

    /// The sums, sorted by the rows of the table; `None` if no row was touched.
    pub(super) fn take(&mut self) -> Option<RowGradient> {
        if self.touched.is_empty() {
            return None;
        }
        self.forget_places();
        let (mut touched, values) = (std::mem::take(&mut self.touched), std::mem::take(&mut self.values));
        touched.sort_unstable();
        Some(RowGradient::new((self.places.len(), self.width), touched, values))
    }

    /// Takes the memory of sums back, unless somebody still looks at them.
    pub(super) fn reuse(&mut self, gradient: RowGradient) {
        if let Some((touched, values)) = gradient.into_memory()
            && self.touched.is_empty()
        {
            (self.touched, self.values) = (touched, values);
            self.touched.clear();
            self.values.clear();
        }
    }

    fn forget_places(&mut self) {
        for (id, _) in &self.touched {
            self.places[*id as usize] = 0;
        }
    }

    pub(super) fn clear(&mut self) {
        self.forget_places();
        self.touched.clear();
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_ids_that_repeat_are_added_and_come_out_sorted() {
        let mut sums = RowSums::default();
        sums.add(5, 2, &[4, 1, 4], &[1.0, 2.0, 10.0, 20.0, 0.5, 0.25]).unwrap();
        sums.add(5, 2, &[0, 1], &[7.0, 8.0, 1.0, 1.0]).unwrap();
        let gradient = sums.take().unwrap();
        assert_eq!(gradient.shape().dims(), [5, 2]);
        let rows: Vec<(usize, &[f32])> = gradient.rows().collect();
        assert_eq!(rows, [(0, &[7.0, 8.0][..]), (1, &[11.0, 21.0]), (4, &[1.5, 2.25])]);
    }

    #[test]
    fn the_next_update_knows_nothing_of_the_one_before() {
        let mut sums = RowSums::default();
        sums.add(3, 1, &[2, 0], &[1.0, 2.0]).unwrap();
        let gradient = sums.take().unwrap();
        sums.reuse(gradient);
        assert!(sums.take().is_none());
        sums.add(3, 1, &[2], &[5.0]).unwrap();
        assert_eq!(sums.take().unwrap().rows().collect::<Vec<_>>(), [(2, &[5.0][..])]);
    }

    #[test]
    fn sums_that_somebody_keeps_are_not_overwritten() {
        let mut sums = RowSums::default();
        sums.add(3, 1, &[2], &[1.0]).unwrap();
        let gradient = sums.take().unwrap();
        let kept = gradient.clone();
        sums.reuse(gradient);
        sums.add(3, 1, &[1], &[5.0]).unwrap();
        assert_eq!(kept.rows().collect::<Vec<_>>(), [(2, &[1.0][..])]);
    }

    #[test]
    fn what_is_no_row_of_the_table_is_refused_and_nothing_is_added() {
        let mut sums = RowSums::default();
        assert!(sums.add(3, 1, &[0, 3], &[1.0, 2.0]).unwrap_err().to_string().contains("no row 3"));
        assert!(sums.add(3, 2, &[0], &[1.0]).is_err());
        assert!(sums.take().is_none());
        sums.add(3, 1, &[0], &[1.0]).unwrap();
        assert!(sums.add(4, 1, &[0], &[1.0]).is_err());
    }
}
