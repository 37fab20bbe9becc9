//! What comes behind attention in a stage, forward and backward on slices: the projection of what it gathered, feed-forward
//! layers if there are some, and the norms that come after what is added.

use std::ops::Range;

use super::elementwise::{activate, activate_backward, norm_backward_rows, norm_rows};
use super::linear::AdapterRoom;
use super::parallel::{Rows, by_rows};
use super::plan::{FeedForwardRun, StageRun};
use super::sequences::Wanted;
use super::workspace::{Buffer, Saved, Scratch, Statistics};
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};
use crate::tensor::kernels::product::Onto;
use crate::tensor::kernels::rows::add_assign_rows;

impl Statistics {
    /// The means, none for norms without, and the scales of some rows.
    pub(super) fn of_rows(&self, rows: Range<usize>, has_means: bool) -> (&[f32], &[f32]) {
        let means = if has_means { &self.means.get(rows.end)[rows.clone()] } else { &[] };
        (means, &self.scales.get(rows.end)[rows])
    }
}

impl StageRun<'_> {
    /// What the wanted tokens were given, to which what attention gathered is added.
    fn before<'r>(&self, input: &'r Buffer, input_rows: &'r Buffer) -> &'r [f32] {
        let buffer = if self.wanted == Wanted::All { input } else { input_rows };
        buffer.get(self.rows() * self.hidden())
    }

    /// `before` and the projection of what attention gathered, of some rows.
    fn sum_with_attended(&self, gathered: &[f32], before: &[f32], sum: &mut [f32], room: &mut AdapterRoom<'_>) {
        let hidden = self.hidden();
        self.output().forward(self, gathered, MatrixMut::new(sum, hidden), room);
        self.drop_in_rows(self.plan.attention, room.first, hidden, sum);
        add_assign_rows(sum, before);
    }

    /// The stage's rows, without feed-forward layers.
    pub(super) fn add_attended(&self, saved: &mut Saved, scratch: &mut Scratch, output: &mut [f32]) {
        let (rows, hidden, width) = (self.rows(), self.hidden(), self.plan.adapters.row_width);
        let (normed, query_width) = (usize::from(self.is_after()), self.query_width());
        let before = self.before(&saved.input, &saved.input_rows);
        let gathered = saved.gathered.get(rows * query_width);
        let Statistics { means, scales } = &mut saved.attention_statistics;
        let buffers = [
            Rows::new(saved.after_attention.of(rows * hidden * normed), hidden * normed),
            Rows::new(means.of(rows * normed), normed),
            Rows::new(scales.of(rows * normed), normed),
            Rows::new(output, hidden),
            Rows::new(saved.adapter_rows.of(rows * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows, [sum, means, scales, output, low, dropped]| {
            let mut room = AdapterRoom { inner: low, width, dropped, first: rows.start, wanted: self.wanted };
            let gathered = &gathered[rows.start * query_width..rows.end * query_width];
            self.sum_with_attended(gathered, &before[rows.start * hidden..rows.end * hidden], output, &mut room);
            if self.is_after() {
                sum.copy_from_slice(output);
                norm_rows(self, &self.weights.norm, sum, output, means, scales);
            }
        });
    }

    /// The stage's rows, with feed-forward layers.
    pub(super) fn add_both(
        &self,
        layers: &FeedForwardRun<'_>,
        saved: &mut Saved,
        scratch: &mut Scratch,
        output: &mut [f32],
    ) {
        let (rows, hidden, inner, width) = (self.rows(), self.hidden(), self.inner(), self.plan.adapters.row_width);
        let (is_after, query_width) = (self.is_after(), self.query_width());
        let (norm_after, gate) = (if is_after { hidden } else { 0 }, if layers.gate.is_some() { inner } else { 0 });
        let before = self.before(&saved.input, &saved.input_rows);
        let gathered = saved.gathered.get(rows * query_width);
        let first_statistics = if is_after { &mut saved.attention_statistics } else { &mut saved.output_statistics };
        let buffers = [
            Rows::new(saved.after_attention.of(rows * hidden), hidden),
            Rows::new(first_statistics.means.of(rows), 1),
            Rows::new(first_statistics.scales.of(rows), 1),
            Rows::new(scratch.normed_rows.of(rows * hidden), hidden),
            Rows::new(saved.inner.of(rows * inner), inner),
            Rows::new(saved.gate.of(rows * gate), gate),
            Rows::new(scratch.activated.of(rows * inner), inner),
            Rows::new(saved.after_feed_forward.of(rows * norm_after), norm_after),
            Rows::new(output, hidden),
            Rows::new(saved.adapter_rows.of(rows * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows, buffers| {
            let [sum, means, scales, normed, inner_rows, gates, activated, last, output, low, dropped] = buffers;
            let first = rows.start;
            let mut room = AdapterRoom { inner: low, width, dropped, first, wanted: self.wanted };
            let gathered = &gathered[rows.start * query_width..rows.end * query_width];
            self.sum_with_attended(gathered, &before[rows.start * hidden..rows.end * hidden], sum, &mut room);
            let norm = if is_after { &self.weights.norm } else { layers.norm };
            norm_rows(self, norm, sum, normed, means, scales);
            layers.inward.forward(self, normed, MatrixMut::new(inner_rows, inner), &mut room);
            if let Some(gate) = layers.gate {
                gate.forward(self, normed, MatrixMut::new(gates, inner), &mut room);
            }
            activate(self, inner_rows, gates, activated);
            self.drop_in_rows(self.plan.inner, first, inner, activated);
            let result = if is_after { &mut *last } else { &mut *output };
            layers.outward.forward(self, activated, MatrixMut::new(result, hidden), &mut room);
            self.drop_in_rows(self.plan.output, first, hidden, result);
            add_assign_rows(result, if is_after { normed } else { sum });
        });
        if is_after {
            let last = saved.after_feed_forward.get(rows * hidden);
            let Statistics { means, scales } = &mut saved.output_statistics;
            let buffers = [Rows::new(output, hidden), Rows::new(means.of(rows), 1), Rows::new(scales.of(rows), 1)];
            by_rows(0..rows, buffers, &|rows, [output, means, scales]| {
                let last = &last[rows.start * hidden..rows.end * hidden];
                norm_rows(self, layers.norm, last, output, means, scales);
            });
        }
    }

    /// Back from the gradient of the stage's rows to that of what attention gathered, without feed-forward layers.
    pub(super) fn add_attended_backward(&self, saved: &Saved, scratch: &mut Scratch) {
        let (rows, hidden, width) = (self.rows(), self.hidden(), self.plan.adapters.row_width);
        let query_width = self.query_width();
        let of_output = scratch.of_output.get(rows * hidden);
        let buffers = [
            Rows::new(scratch.of_after_attention.of(rows * hidden), hidden),
            Rows::new(scratch.of_attended.of(rows * hidden), hidden),
            Rows::new(scratch.of_gathered.of(rows * query_width), query_width),
            Rows::new(scratch.adapter_rows.of(rows * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows, [of_after_attention, of_attended, of_gathered, low, dropped]| {
            let of_output = &of_output[rows.start * hidden..rows.end * hidden];
            let mut room = AdapterRoom { inner: low, width, dropped, first: rows.start, wanted: self.wanted };
            if self.is_after() {
                let sum = rows_of(&saved.after_attention, &rows, hidden);
                let statistics = saved.attention_statistics.of_rows(rows, self.has_means());
                norm_backward_rows(&self.weights.norm, sum, statistics, of_output, of_after_attention);
            } else {
                of_after_attention.copy_from_slice(of_output);
            }
            self.attended_backward(of_after_attention, of_attended, of_gathered, &mut room);
        });
    }

    /// Back from the gradient of a sum with what attention adds to that of what attention gathered, of some rows.
    fn attended_backward(
        &self,
        of_after_attention: &[f32],
        of_attended: &mut [f32],
        of_gathered: &mut [f32],
        room: &mut AdapterRoom<'_>,
    ) {
        let hidden = self.hidden();
        of_attended.copy_from_slice(of_after_attention);
        self.drop_in_rows(self.plan.attention, room.first, hidden, of_attended);
        self.output().backward(self, Matrix::new(of_attended, hidden), of_gathered, Onto::Nothing, room);
    }

    /// Back through the feed-forward layers and the projection of what attention gathered, to the gradient of that.
    pub(super) fn add_both_backward(&self, layers: &FeedForwardRun<'_>, saved: &Saved, scratch: &mut Scratch) {
        let (rows, hidden, inner, width) = (self.rows(), self.hidden(), self.inner(), self.plan.adapters.row_width);
        let (query_width, gate_width) = (self.query_width(), if layers.gate.is_some() { inner } else { 0 });
        let of_output = scratch.of_output.get(rows * hidden);
        let buffers = [
            Rows::new(scratch.of_sum.of(rows * hidden), hidden),
            Rows::new(scratch.of_added.of(rows * hidden), hidden),
            Rows::new(scratch.normed_rows.of(rows * hidden), hidden),
            Rows::new(scratch.of_inner.of(rows * inner), inner),
            Rows::new(scratch.of_gate.of(rows * gate_width), gate_width),
            Rows::new(scratch.activated.of(rows * inner), inner),
            Rows::new(scratch.of_normed.of(rows * hidden), hidden),
            Rows::new(scratch.of_after_attention.of(rows * hidden), hidden),
            Rows::new(scratch.of_attended.of(rows * hidden), hidden),
            Rows::new(scratch.of_gathered.of(rows * query_width), query_width),
            Rows::new(scratch.statistics.means.of(rows), 1),
            Rows::new(scratch.statistics.scales.of(rows), 1),
            Rows::new(scratch.adapter_rows.of(rows * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows, buffers| {
            let [of_sum, of_added, normed, of_inner, of_gate, activated, of_normed, rest @ ..] = buffers;
            let [of_after_attention, of_attended, of_gathered, means, scales, low, dropped] = rest;
            let of_output = &of_output[rows.start * hidden..rows.end * hidden];
            let mut room = AdapterRoom { inner: low, width, dropped, first: rows.start, wanted: self.wanted };
            let mut share = FeedForwardShare { of_sum, of_added, normed, of_inner, of_gate, activated, of_normed };
            self.feed_forward_backward(layers, saved, rows.clone(), of_output, &mut share, (means, scales), &mut room);
            let after_attention = rows_of(&saved.after_attention, &rows, hidden);
            let (norm, statistics) = if self.is_after() {
                (&self.weights.norm, &saved.attention_statistics)
            } else {
                (layers.norm, &saved.output_statistics)
            };
            let statistics = statistics.of_rows(rows, self.has_means());
            norm_backward_rows(norm, after_attention, statistics, share.of_normed, of_after_attention);
            if !self.is_after() {
                add_assign_rows(of_after_attention, share.of_sum);
            }
            self.attended_backward(of_after_attention, of_attended, of_gathered, &mut room);
        });
    }

    /// Back through the feed-forward layers of some rows, to the gradient of what the norm before them gave, which after a
    /// norm of the sum is that of the sum's other part too.
    #[expect(clippy::too_many_arguments, reason = "what is read, what is written, and two kinds of room")]
    fn feed_forward_backward(
        &self,
        layers: &FeedForwardRun<'_>,
        saved: &Saved,
        rows: Range<usize>,
        of_output: &[f32],
        share: &mut FeedForwardShare<'_>,
        (means, scales): (&mut [f32], &mut [f32]),
        room: &mut AdapterRoom<'_>,
    ) {
        let (hidden, inner) = (self.hidden(), self.inner());
        let FeedForwardShare { of_sum, of_added, normed, of_inner, of_gate, activated, of_normed } = share;
        let of_rows = |values, width| rows_of(values, &rows, width);
        let norm = if self.is_after() {
            let statistics = saved.output_statistics.of_rows(rows.clone(), self.has_means());
            let last = of_rows(&saved.after_feed_forward, hidden);
            norm_backward_rows(layers.norm, last, statistics, of_output, of_sum);
            &self.weights.norm
        } else {
            of_sum.copy_from_slice(of_output);
            layers.norm
        };
        norm_rows(self, norm, of_rows(&saved.after_attention, hidden), normed, means, scales);
        of_added.copy_from_slice(of_sum);
        self.drop_in_rows(self.plan.output, rows.start, hidden, of_added);
        layers.outward.backward(self, Matrix::new(of_added, hidden), of_inner, Onto::Nothing, room);
        self.drop_in_rows(self.plan.inner, rows.start, inner, of_inner);
        let gate = if of_gate.is_empty() { &[] } else { of_rows(&saved.gate, inner) };
        activate_backward(self, (of_rows(&saved.inner, inner), gate), activated, of_inner, of_gate);
        self.drop_in_rows(self.plan.inner, rows.start, inner, activated);
        layers.inward.backward(self, Matrix::new(of_inner, inner), of_normed, Onto::Nothing, room);
        if let Some(gate) = layers.gate {
            gate.backward(self, Matrix::new(of_gate, inner), of_normed, Onto::Values, room);
        }
        if self.is_after() {
            add_assign_rows(of_normed, of_sum);
        }
    }
}

/// Some rows of a buffer.
fn rows_of<'a>(values: &'a Buffer, rows: &Range<usize>, width: usize) -> &'a [f32] {
    &values.get(rows.end * width)[rows.start * width..]
}

/// Some rows on their way back through the feed-forward layers.
struct FeedForwardShare<'a> {
    of_sum: &'a mut [f32],
    of_added: &'a mut [f32],
    normed: &'a mut [f32],
    of_inner: &'a mut [f32],
    of_gate: &'a mut [f32],
    activated: &'a mut [f32],
    of_normed: &'a mut [f32],
}
