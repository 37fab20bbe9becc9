//! The update of one parameter in the memory of the CPU.

use std::cell::RefCell;

use candle_core::{CpuStorage, InplaceOp1, Layout, Var, bail};

use super::touched::TouchedRows;
use crate::Result;
use crate::tensor::gradients::RowGradient;
use crate::tensor::kernels::optimizer::{AdamWStep, Rows, adamw, adamw_rows};

/// The moments of an f32 parameter on the CPU. Memory of zeros that nothing was written to is not there yet.
#[derive(Debug)]
pub(super) struct Slices {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    /// The rows that ever had a gradient, once it is known.
    touched: Option<TouchedRows>,
}

impl Slices {
    /// Of a table whose gradients come by rows: what no row touches stays memory that is not there.
    pub(super) fn zeros(len: usize) -> Self {
        Self::both(|| vec![0.0; len])
    }

    /// Of a parameter whose gradients are whole. The zeros are written: an update reads a moment before it writes it, and to
    /// memory that was never written this is two page faults a page, the second of which stops all threads.
    pub(super) fn written_zeros(len: usize) -> Self {
        Self::both(|| {
            // Seen through, room and zeros become a request for memory of zeros.
            let mut zeros = std::hint::black_box(Vec::with_capacity(len));
            zeros.resize(len, 0.0);
            zeros
        })
    }

    /// Two threads make one each: for tables this is most of what the first update does.
    fn both(zeros: impl Fn() -> Vec<f32> + Sync) -> Self {
        let (first, second) = rayon::join(&zeros, &zeros);
        Self::new(first, second)
    }

    pub(super) fn new(first: Vec<f32>, second: Vec<f32>) -> Self {
        Self { first, second, touched: None }
    }
}

/// The update of one parameter, in place.
pub(super) struct InPlace<'a> {
    /// In a cell, because candle hands the operation out by shared reference; it is called once.
    moments: RefCell<(&'a mut [f32], &'a mut [f32])>,
    gradient: Elements<'a>,
    step: AdamWStep,
}

/// The gradient of one parameter.
enum Elements<'a> {
    Whole(&'a [f32]),
    /// With the rows that ever had a gradient.
    Rows(Rows<'a>, &'a [u64]),
}

impl<'a> InPlace<'a> {
    /// By a number for each element.
    pub(super) fn whole(slices: &'a mut Slices, gradient: &'a [f32], step: AdamWStep) -> Self {
        // It may touch any row; a later gradient by rows looks at the moments.
        slices.touched = None;
        let moments = RefCell::new((&mut *slices.first, &mut *slices.second));
        Self { moments, gradient: Elements::Whole(gradient), step }
    }

    /// By some rows of a table.
    pub(super) fn by_rows(slices: &'a mut Slices, gradient: &'a RowGradient, step: AdamWStep) -> Self {
        let rows = gradient.slices();
        let Slices { first, second, touched } = slices;
        let touched = touched.get_or_insert_with(|| TouchedRows::by_moments(first, second, rows.width));
        for (row, _) in rows.touched {
            touched.insert(*row as usize);
        }
        Self { moments: RefCell::new((first, second)), gradient: Elements::Rows(rows, touched.words()), step }
    }

    /// Makes the update.
    pub(super) fn update(&self, parameter: &Var) -> Result<()> {
        Ok(parameter.inplace_op1(self)?)
    }
}

impl InplaceOp1 for InPlace<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let parameter = match (storage, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => values.get_mut(start..end),
            _ => None,
        };
        let Some(parameter) = parameter else { bail!("the elements are not f32, one behind the other in memory") };
        let (first, second) = &mut *self.moments.borrow_mut();
        match self.gradient {
            Elements::Whole(gradient) => adamw(parameter, first, second, gradient, &self.step),
            Elements::Rows(rows, ever_touched) => {
                adamw_rows(parameter, first, second, rows, ever_touched, &self.step);
            }
        }
        Ok(())
    }
}
