//! The place of one parameter's gradient.
//!
//! In come whole gradients and rows of one, from layers, micro-batch by micro-batch; out goes their sum, once for an
//! update. The memory comes back after the update and is filled again by the next: nothing is allocated then.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::gathered::Gathered;
use super::gradient::add;
use super::row_sums::RowSums;
use crate::tensor::kernels::of_length;

/// Where layers put the gradient of one parameter; shared by the store of parameters and the layers that hold it.
///
/// Several threads may put gradients here. For the same bits they take turns in an order of their own.
#[derive(Debug, Default)]
pub(crate) struct GradientSlot(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    dense: Vec<f32>,
    /// Whether `dense` is part of the sum; its contents are of an update before otherwise.
    has_dense: bool,
    rows: RowSums,
}

/// The memory of a whole gradient, to be written.
#[derive(Debug, Default)]
pub(crate) struct DenseBuffer {
    /// As many numbers as the parameter has.
    pub(crate) values: Vec<f32>,
    /// Whether `values` means nothing yet and every element must be overwritten; otherwise the gradient is added to them.
    pub(crate) is_fresh: bool,
}

impl GradientSlot {
    /// Takes the memory of the parameter's whole gradient, of `len` elements; [`put_dense`](Self::put_dense) brings it back.
    pub(crate) fn take_dense(&self, len: usize) -> DenseBuffer {
        let (values, has_dense) = {
            let mut held = self.held();
            let has_dense = std::mem::take(&mut held.has_dense);
            (std::mem::take(&mut held.dense), has_dense)
        };
        debug_assert!(!has_dense || values.len() == len, "a parameter keeps its number of elements");
        DenseBuffer { values: of_length(values, len), is_fresh: !has_dense }
    }

    /// Takes the memory of a gradient of an update before, whatever it holds; none while there is a gradient of this one.
    pub(crate) fn spare(&self) -> Vec<f32> {
        let mut held = self.held();
        if held.has_dense { Vec::new() } else { std::mem::take(&mut held.dense) }
    }

    /// Adds a whole gradient, whose memory stays here.
    pub(crate) fn add_dense(&self, values: Vec<f32>) {
        self.put_dense(DenseBuffer { values, is_fresh: false });
    }

    /// Brings back the memory of a whole gradient, which now holds it.
    pub(crate) fn put_dense(&self, buffer: DenseBuffer) {
        let mut held = self.held();
        if held.has_dense {
            // Another thread has brought its share in the meantime.
            add(&mut held.dense, &buffer.values);
        } else {
            held.dense = buffer.values;
            held.has_dense = true;
        }
    }

    /// Adds a row of `width` numbers for each id to the rows of a table of `count_of_table_rows` rows, in their order;
    /// ids may repeat. The additions are few beside what made the rows, and are made by the thread that calls.
    ///
    /// # Errors
    /// An id that the table has no row for, and values that are not a row for each id; nothing is added then.
    pub(crate) fn add_rows(
        &self,
        count_of_table_rows: usize,
        width: usize,
        ids: &[u32],
        values: &[f32],
    ) -> candle_core::Result<()> {
        self.held().rows.add(count_of_table_rows, width, ids, values)
    }

    /// Takes the sum out; the slot is empty then. `None` if nothing was put into it.
    pub(crate) fn take(&self) -> Option<Gathered> {
        let mut held = self.held();
        let dense = held.has_dense.then(|| std::mem::take(&mut held.dense));
        held.has_dense = false;
        let rows = held.rows.take();
        (dense.is_some() || rows.is_some()).then_some(Gathered { dense, rows })
    }

    /// Brings the memory of a gradient back that was taken out, to be filled again.
    pub(crate) fn reuse(&self, memory: Gathered) {
        let mut held = self.held();
        if let Some(dense) = memory.dense
            && !held.has_dense
        {
            held.dense = dense;
        }
        if let Some(rows) = memory.rows {
            held.rows.reuse(rows);
        }
    }

    /// Forgets what was put into it; the memory stays.
    pub(crate) fn clear(&self) {
        let mut held = self.held();
        held.has_dense = false;
        held.rows.clear();
    }

    /// Forgets what was put into it, and gives its memory back.
    pub(crate) fn release(&self) {
        *self.held() = Held::default();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(slot: &GradientSlot, gradient: &[f32]) -> *const f32 {
        let mut buffer = slot.take_dense(gradient.len());
        for (sum, value) in buffer.values.iter_mut().zip(gradient) {
            *sum = if buffer.is_fresh { *value } else { *sum + value };
        }
        let place = buffer.values.as_ptr();
        slot.put_dense(buffer);
        place
    }

    #[test]
    fn gradients_are_added_up_and_the_next_update_starts_afresh_in_the_same_memory() {
        let slot = GradientSlot::default();
        assert!(slot.take().is_none());
        let place = put(&slot, &[1.0, 2.0]);
        put(&slot, &[10.0, 20.0]);
        let sum = slot.take().unwrap();
        assert_eq!(sum.dense.as_deref(), Some(&[11.0, 22.0][..]));
        assert!(slot.take().is_none());
        slot.reuse(sum);
        assert!(slot.take().is_none());
        assert_eq!(put(&slot, &[5.0, 6.0]), place);
        assert_eq!(slot.take().unwrap().dense.as_deref(), Some(&[5.0, 6.0][..]));
    }

    #[test]
    fn memory_is_spare_until_a_gradient_stands_in_it() {
        let slot = GradientSlot::default();
        assert!(slot.spare().is_empty());
        put(&slot, &[1.0, 2.0]);
        assert!(slot.spare().is_empty());
        slot.add_dense(vec![10.0, 20.0]);
        let sum = slot.take().unwrap();
        assert_eq!(sum.dense.as_deref(), Some(&[11.0, 22.0][..]));
        slot.reuse(sum);
        assert_eq!((slot.spare().len(), slot.spare().len()), (2, 0));
    }

    #[test]
    fn two_buffers_at_once_are_both_counted() {
        let slot = GradientSlot::default();
        let (mut one, mut other) = (slot.take_dense(1), slot.take_dense(1));
        assert!(one.is_fresh && other.is_fresh);
        (one.values[0], other.values[0]) = (1.0, 2.0);
        slot.put_dense(one);
        slot.put_dense(other);
        assert_eq!(slot.take().unwrap().dense.as_deref(), Some(&[3.0][..]));
    }

    #[test]
    fn a_cleared_slot_holds_nothing_of_the_window_that_was_given_up() {
        let slot = GradientSlot::default();
        put(&slot, &[1.0, 2.0]);
        slot.add_rows(2, 1, &[1], &[3.0]).unwrap();
        slot.clear();
        assert!(slot.take().is_none());
        put(&slot, &[5.0, 6.0]);
        slot.add_rows(2, 1, &[0], &[4.0]).unwrap();
        let sum = slot.take().unwrap();
        assert_eq!(sum.dense.as_deref(), Some(&[5.0, 6.0][..]));
        assert_eq!(sum.rows.unwrap().rows().collect::<Vec<_>>(), [(0, &[4.0][..])]);
    }
}
