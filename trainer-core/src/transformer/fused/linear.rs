//! A linear layer on rows: forward, the gradient of its input, and the gradients of its parameters.

use std::ops::Range;

use super::parallel::{Rows, by_rows};
use super::parts::LinearParts;
use super::plan::{AdapterPlan, LinearRun, StageRun};
use super::sequences::Wanted;
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};
use crate::tensor::kernels::product::{Onto, product_of_rows};
use crate::tensor::kernels::rows::add_assign_rows;

/// The rows that a linear layer computes with, and room for its adapter.
pub(super) struct AdapterRoom<'a> {
    /// The inner rows of all adapters, `[rows, width]`.
    pub(super) inner: &'a mut [f32],
    /// How many numbers an inner row has.
    pub(super) width: usize,
    /// Room for the input with a part dropped, `[rows, inputs]` at least if the adapter drops.
    pub(super) dropped: &'a mut [f32],
    /// The first of the rows.
    pub(super) first: usize,
    /// Which tokens the rows are.
    pub(super) wanted: Wanted,
}

impl LinearRun<'_> {
    /// `output = input · weightᵀ + bias`, and what an adapter adds.
    pub(super) fn forward(
        &self,
        run: &StageRun<'_>,
        input: &[f32],
        mut output: MatrixMut<'_>,
        room: &mut AdapterRoom<'_>,
    ) {
        let weight = Matrix::new(self.weights.weight, self.inputs).transposed();
        let input_rows = Matrix::new(input, self.inputs);
        let onto = match self.weights.bias {
            Some(bias) => {
                (0..output.row_count()).for_each(|row| output.row_mut(row).copy_from_slice(bias));
                Onto::Values
            }
            None => Onto::Nothing,
        };
        product_of_rows(output.reborrow(), input_rows, weight, 1.0, onto);
        if let (Some(plan), Some(adapter)) = (self.adapter, &self.weights.adapter) {
            let seen = self.seen(run, plan, input, room.dropped, room.first, room.wanted);
            let mut inner = MatrixMut::new(room.inner, room.width).columns(plan.columns());
            product_of_rows(
                inner.reborrow(),
                seen,
                Matrix::new(adapter.down, self.inputs).transposed(),
                1.0,
                Onto::Nothing,
            );
            let inner = Matrix::new(room.inner, room.width).columns(plan.columns());
            product_of_rows(output, inner, Matrix::new(adapter.up, plan.rank).transposed(), plan.scale, Onto::Values);
        }
    }

    /// `of_input = gradient · weight`, written or added, and what goes back through an adapter, whose inner gradients are
    /// kept in `room`.
    pub(super) fn backward(
        &self,
        run: &StageRun<'_>,
        gradient: Matrix<'_>,
        of_input: &mut [f32],
        onto: Onto,
        room: &mut AdapterRoom<'_>,
    ) {
        let weight = Matrix::new(self.weights.weight, self.inputs);
        product_of_rows(MatrixMut::new(of_input, self.inputs), gradient, weight, 1.0, onto);
        let (Some(plan), Some(adapter)) = (self.adapter, &self.weights.adapter) else { return };
        let inner = MatrixMut::new(room.inner, room.width).columns(plan.columns());
        product_of_rows(inner, gradient, Matrix::new(adapter.up, plan.rank), plan.scale, Onto::Nothing);
        let inner = Matrix::new(room.inner, room.width).columns(plan.columns());
        let down = Matrix::new(adapter.down, self.inputs);
        if plan.mask.is_none() {
            return product_of_rows(MatrixMut::new(of_input, self.inputs), inner, down, 1.0, Onto::Values);
        }
        let dropped = &mut room.dropped[..of_input.len()];
        product_of_rows(MatrixMut::new(dropped, self.inputs), inner, down, 1.0, Onto::Nothing);
        StageRun { wanted: room.wanted, ..*run }.drop_in_rows(plan.mask, room.first, self.inputs, dropped);
        add_assign_rows(of_input, dropped);
    }

    /// What the adapter sees of the input.
    fn seen<'r>(
        &self,
        run: &StageRun<'_>,
        plan: AdapterPlan,
        input: &'r [f32],
        dropped: &'r mut [f32],
        first: usize,
        wanted: Wanted,
    ) -> Matrix<'r> {
        if plan.mask.is_none() {
            return Matrix::new(input, self.inputs);
        }
        let dropped = &mut dropped[..input.len()];
        dropped.copy_from_slice(input);
        StageRun { wanted, ..*run }.drop_in_rows(plan.mask, first, self.inputs, dropped);
        Matrix::new(dropped, self.inputs)
    }
}

impl AdapterPlan {
    pub(super) fn columns(&self) -> Range<usize> {
        self.column..self.column + self.rank
    }
}

/// Where the gradient of a parameter goes, and whether it is added to what is there.
pub(super) type Target<'a> = (&'a mut [f32], Onto);

/// A target of no numbers for a parameter that gets no gradient.
pub(super) fn target_or_none(target: Option<Target<'_>>) -> Target<'_> {
    target.unwrap_or((&mut [], Onto::Values))
}

/// What the gradients of a linear layer's parameters are computed of, for all rows.
pub(super) struct LinearBack<'a> {
    /// Of the layer's output.
    pub(super) gradient: Matrix<'a>,
    pub(super) input: &'a [f32],
    pub(super) wanted: Wanted,
    /// Between the adapter's products, and the gradients there; `[rows, width]` of all adapters.
    pub(super) inner: &'a [f32],
    pub(super) of_inner: &'a [f32],
    pub(super) width: usize,
    pub(super) dropped: &'a mut [f32],
}

impl LinearRun<'_> {
    /// The gradients of the layer's parameters, of those that get one.
    pub(super) fn gradients(&self, run: &StageRun<'_>, of: LinearParts<Option<Target<'_>>>, back: LinearBack<'_>) {
        let LinearBack { gradient, input, wanted, inner, of_inner, width, dropped } = back;
        if let Some((of_weight, onto)) = of.weight {
            weight_gradient(of_weight, gradient, Matrix::new(input, self.inputs), 1.0, onto);
        }
        if let Some((of_bias, onto)) = of.bias.flatten() {
            bias_gradient(of_bias, gradient, onto);
        }
        let (Some(plan), Some(of)) = (self.adapter, of.adapter) else { return };
        if let Some((of_up, onto)) = of.up {
            let inner = Matrix::new(inner, width).columns(plan.columns());
            weight_gradient(of_up, gradient, inner, plan.scale, onto);
        }
        if let Some((of_down, onto)) = of.down {
            let seen = self.seen(run, plan, input, dropped, 0, wanted);
            let of_inner = Matrix::new(of_inner, width).columns(plan.columns());
            weight_gradient(of_down, of_inner, seen, 1.0, onto);
        }
    }
}

/// The gradient of a weight, `[outputs, inputs]`: `gradientᵀ · input`, shared between threads by rows of the weight.
fn weight_gradient(of_weight: &mut [f32], gradient: Matrix<'_>, input: Matrix<'_>, scale: f32, onto: Onto) {
    let (outputs, inputs) = (gradient.column_count(), input.column_count());
    let work = |outputs: Range<usize>, [of_weight]: [&mut [f32]; 1]| {
        let gradient = gradient.columns(outputs).transposed();
        product_of_rows(MatrixMut::new(of_weight, inputs), gradient, input, scale, onto);
    };
    by_rows(0..outputs, [Rows::new(of_weight, inputs)], &work);
}

/// The gradient of a bias, `[outputs]`: the sum of all rows of `gradient`, in their order.
fn bias_gradient(of_bias: &mut [f32], gradient: Matrix<'_>, onto: Onto) {
    let work = |outputs: Range<usize>, [of_bias]: [&mut [f32]; 1]| {
        if onto == Onto::Nothing {
            of_bias.fill(0.0);
        }
        let gradient = gradient.columns(outputs);
        for row in 0..gradient.row_count() {
            add_assign_rows(of_bias, gradient.row(row));
        }
    };
    by_rows(0..of_bias.len(), [Rows::new(of_bias, 1)], &work);
}
