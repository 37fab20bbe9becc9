//! A block backward, on slices: from the gradient of its rows to that of its input and of its parameters.

use std::ops::Range;

use super::attention::{Back, Gradients, Projected, room_for};
use super::elementwise::{activate_backward, norm_backward_rows, norm_gradients, norm_rows};
use super::linear::{AdapterRoom, LinearBack, Target};
use super::parallel::{Rows, by_rows};
use super::parts::{BlockParts, LinearParts};
use super::plan::BlockRun;
use super::rotary::{Turn, turn_rows};
use super::sequences::Wanted;
use super::workspace::{Buffer, Saved, Scratch, Statistics};
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};
use crate::tensor::kernels::product::Onto;
use crate::tensor::kernels::rows::add_assign_rows;
use crate::transformer::NormPlace;

/// Where the gradients of a block's parameters go; nothing for those that are not trained.
pub(super) type Targets<'a> = BlockParts<Option<Target<'a>>>;

impl Statistics {
    /// The means, none for norms without, and the scales of some rows.
    fn of_rows(&self, rows: Range<usize>, has_means: bool) -> (&[f32], &[f32]) {
        let means = if has_means { &self.means.get(rows.end)[rows.clone()] } else { &[] };
        (means, &self.scales.get(rows.end)[rows])
    }
}

impl BlockRun<'_> {
    /// From the gradient of the block's rows, `scratch.of_output`, to that of its input, in the same place, and to those of
    /// its parameters. Without `needs_input` the gradient of the input is left out.
    pub(super) fn backward(&self, saved: &Saved, scratch: &mut Scratch, targets: Targets<'_>, needs_input: bool) {
        let (rows, tokens, hidden) = (self.rows(), self.sequences.tokens(), self.hidden());
        self.after_attention_backward(saved, scratch);
        self.attention_backward(saved, scratch);
        let BlockParts { query, key, value, output, gate, inward, outward, attention_norm, output_norm } = targets;
        self.gradients_after_attention(saved, scratch, [Some(output), gate, Some(inward), Some(outward)]);
        let after_attention = Matrix::new(saved.after_attention.get(rows * hidden), hidden);
        let of_normed = Matrix::new(scratch.of_normed.get(rows * hidden), hidden);
        let of_rows = saved.output_statistics.of_rows(0..rows, self.has_means());
        if self.is_after() {
            let last = Matrix::new(saved.after_feed_forward.get(rows * hidden), hidden);
            norm_gradients(output_norm, last, of_rows, Matrix::new(scratch.of_output.get(rows * hidden), hidden));
            let statistics = saved.attention_statistics.of_rows(0..rows, self.has_means());
            norm_gradients(attention_norm, after_attention, statistics, of_normed);
            self.projections_backward(saved, scratch, needs_input);
        } else {
            norm_gradients(output_norm, after_attention, of_rows, of_normed);
            self.projections_backward(saved, scratch, needs_input || attention_norm.weight.is_some());
            let input = Matrix::new(saved.input.get(tokens * hidden), hidden);
            let statistics = saved.attention_statistics.of_rows(0..tokens, self.has_means());
            norm_gradients(
                attention_norm,
                input,
                statistics,
                Matrix::new(scratch.of_tokens.get(tokens * hidden), hidden),
            );
        }
        self.projection_gradients(saved, scratch, [query, key, value]);
        if needs_input {
            self.input_gradient(saved, scratch);
        }
    }

    fn is_after(&self) -> bool {
        self.plan.settings.norm_place == NormPlace::After
    }

    fn has_means(&self) -> bool {
        self.weights.attention_norm.bias.is_some()
    }

    /// Back through the feed-forward layers and the projection of what attention gathered, to the gradient of that.
    fn after_attention_backward(&self, saved: &Saved, scratch: &mut Scratch) {
        let (rows, hidden, inner, width) = (self.rows(), self.hidden(), self.inner(), self.plan.adapters.row_width);
        let (query_width, gate_width) = (self.query_width(), if self.gate().is_some() { inner } else { 0 });
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
            self.feed_forward_backward(saved, rows.clone(), of_output, &mut share, (means, scales), &mut room);
            let after_attention = &saved.after_attention.get(rows.end * hidden)[rows.start * hidden..];
            let place = if self.is_after() {
                (&self.weights.attention_norm, &saved.attention_statistics)
            } else {
                (&self.weights.output_norm, &saved.output_statistics)
            };
            let statistics = place.1.of_rows(rows.clone(), self.has_means());
            norm_backward_rows(place.0, after_attention, statistics, share.of_normed, of_after_attention);
            if !self.is_after() {
                add_assign_rows(of_after_attention, share.of_sum);
            }
            of_attended.copy_from_slice(of_after_attention);
            self.drop_in_rows(self.plan.attention, rows.start, hidden, of_attended);
            let of_attended = Matrix::new(of_attended, hidden);
            self.output().backward(self, of_attended, of_gathered, Onto::Nothing, &mut room);
        });
    }

    /// Back through the feed-forward layers of some rows, to the gradient of what the norm before them gave, which after a
    /// norm of the sum is that of the sum's other part too.
    fn feed_forward_backward(
        &self,
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
            norm_backward_rows(&self.weights.output_norm, last, statistics, of_output, of_sum);
            &self.weights.attention_norm
        } else {
            of_sum.copy_from_slice(of_output);
            &self.weights.output_norm
        };
        norm_rows(self, norm, of_rows(&saved.after_attention, hidden), normed, means, scales);
        of_added.copy_from_slice(of_sum);
        self.drop_in_rows(self.plan.output, rows.start, hidden, of_added);
        self.outward().backward(self, Matrix::new(of_added, hidden), of_inner, Onto::Nothing, room);
        self.drop_in_rows(self.plan.inner, rows.start, inner, of_inner);
        let gate = if of_gate.is_empty() { &[] } else { of_rows(&saved.gate, inner) };
        activate_backward(self, (of_rows(&saved.inner, inner), gate), activated, of_inner, of_gate);
        self.drop_in_rows(self.plan.inner, rows.start, inner, activated);
        self.inward().backward(self, Matrix::new(of_inner, inner), of_normed, Onto::Nothing, room);
        if let Some(gate) = self.gate() {
            gate.backward(self, Matrix::new(of_gate, inner), of_normed, Onto::Values, room);
        }
        if self.is_after() {
            add_assign_rows(of_normed, of_sum);
        }
    }

    /// Back through attention, to the gradients of queries, keys and values.
    fn attention_backward(&self, saved: &Saved, scratch: &mut Scratch) {
        let (rows, tokens, heads) = (self.rows(), self.sequences.tokens(), self.plan.settings.attention_heads);
        let (query_width, key_width) = (self.query_width(), self.key_width());
        let key_value = Matrix::new(saved.key_value.get(tokens * 2 * key_width), 2 * key_width);
        let back = Back {
            projected: Projected {
                query: Matrix::new(saved.query.get(rows * query_width), query_width),
                key: key_value.columns(0..key_width),
                value: key_value.columns(key_width..2 * key_width),
            },
            gathered: Matrix::new(saved.gathered.get(rows * query_width), query_width),
            sums: Matrix::new(saved.sums.get(rows * heads), heads),
            gradient: Matrix::new(scratch.of_gathered.get(rows * query_width), query_width),
        };
        let of_key_value = MatrixMut::new(scratch.of_key_value.of(tokens * 2 * key_width), 2 * key_width);
        let (key, value) = of_key_value.split_at_column(key_width);
        let square = self.sequences.length * self.sequences.length;
        let of_scores = if self.relative.is_some() { heads * square } else { 0 };
        let gradients = Gradients {
            query: MatrixMut::new(scratch.of_query.of(rows * query_width), query_width),
            key,
            value,
            relative: MatrixMut::new(scratch.of_relative.of(of_scores), square),
        };
        let room = rayon::current_num_threads() * room_for(self.sequences.longest());
        self.attend_backward(&back, gradients, scratch.attention.of(room));
    }

    /// The gradients of the layers after attention: its output, gate, inward and outward.
    fn gradients_after_attention(
        &self,
        saved: &Saved,
        scratch: &mut Scratch,
        targets: [Option<LinearParts<Option<Target<'_>>>>; 4],
    ) {
        let (rows, hidden, inner, width) = (self.rows(), self.hidden(), self.inner(), self.plan.adapters.row_width);
        let dropped = scratch.dropped.of(self.dropped_numbers(rows));
        let normed = scratch.normed_rows.get(rows * hidden);
        let sources = [
            (Some(self.output()), &scratch.of_attended, saved.gathered.get(rows * self.query_width())),
            (self.gate(), &scratch.of_gate, normed),
            (Some(self.inward()), &scratch.of_inner, normed),
            (Some(self.outward()), &scratch.of_added, scratch.activated.get(rows * inner)),
        ];
        for (target, (layer, gradient, input)) in targets.into_iter().zip(sources) {
            let (Some(target), Some(layer)) = (target, layer) else { continue };
            let back = LinearBack {
                gradient: Matrix::new(gradient.get(rows * layer.outputs), layer.outputs),
                input,
                wanted: self.wanted,
                inner: saved.adapter_rows.get(rows * width),
                of_inner: scratch.adapter_rows.get(rows * width),
                width,
                dropped: &mut *dropped,
            };
            layer.gradients(self, target, back);
        }
    }

    /// Back through the projections to queries, keys and values, to the gradient of what they are made of if
    /// `needs_input`; gradients of queries and keys are turned back on the way.
    fn projections_backward(&self, saved: &Saved, scratch: &mut Scratch, needs_input: bool) {
        let (rows, tokens) = (self.rows(), self.sequences.tokens());
        let (hidden, query_width, key_width) = (self.hidden(), self.query_width(), self.key_width());
        let (width, row_width) = (self.plan.adapters.token_width, self.plan.adapters.row_width);
        let needs = needs_input || width > 0 || self.plan.adapters.query.is_some();
        let is_before = !self.is_after();
        let normed = if is_before { hidden } else { 0 };
        let input = saved.input.get(tokens * hidden);
        let buffers = [
            Rows::new(scratch.of_key_value.of(tokens * 2 * key_width), 2 * key_width),
            Rows::new(scratch.of_tokens.of(tokens * hidden), hidden),
            Rows::new(scratch.normed_tokens.of(tokens * normed), normed),
            Rows::new(scratch.statistics.means.of(tokens), 1),
            Rows::new(scratch.statistics.scales.of(tokens), 1),
            Rows::new(scratch.adapter_tokens.of(tokens * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(tokens))),
        ];
        by_rows(0..tokens, buffers, &|rows, [of_key_value, of_tokens, normed, means, scales, inner, dropped]| {
            if is_before {
                let input = &input[rows.start * hidden..rows.end * hidden];
                norm_rows(self, &self.weights.attention_norm, input, normed, means, scales);
            }
            let key = MatrixMut::new(of_key_value, 2 * key_width).columns(0..key_width);
            turn_rows(self, Turn::Backward, rows.clone(), Wanted::All, key);
            if needs {
                let mut room = AdapterRoom { inner, width, dropped, first: rows.start, wanted: Wanted::All };
                let both = Matrix::new(of_key_value, 2 * key_width);
                self.key().backward(self, both.columns(0..key_width), of_tokens, Onto::Nothing, &mut room);
                let value = both.columns(key_width..2 * key_width);
                self.value().backward(self, value, of_tokens, Onto::Values, &mut room);
            }
        });
        let (of_input, onto) = match self.wanted {
            Wanted::All => (&mut scratch.of_tokens, Onto::Values),
            Wanted::First => (&mut scratch.of_query_input, Onto::Nothing),
        };
        let buffers = [
            Rows::new(scratch.of_query.of(rows * query_width), query_width),
            Rows::new(of_input.of(rows * hidden), hidden),
            Rows::new(scratch.adapter_rows.of(rows * row_width), row_width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows, [of_query, of_input, inner, dropped]| {
            turn_rows(self, Turn::Backward, rows.clone(), self.wanted, MatrixMut::new(of_query, query_width));
            if needs {
                let mut room = AdapterRoom { inner, width: row_width, dropped, first: rows.start, wanted: self.wanted };
                let of_query = Matrix::new(of_query, query_width);
                self.query().backward(self, of_query, of_input, onto, &mut room);
            }
        });
        if needs && self.wanted == Wanted::First {
            let added = scratch.of_query_input.get(rows * hidden);
            self.add_at_rows(scratch.of_tokens.of(tokens * hidden), added);
        }
    }

    /// The gradients of the projections: query, key, value.
    fn projection_gradients(
        &self,
        saved: &Saved,
        scratch: &mut Scratch,
        targets: [LinearParts<Option<Target<'_>>>; 3],
    ) {
        let (rows, tokens, hidden, key_width) = (self.rows(), self.sequences.tokens(), self.hidden(), self.key_width());
        let (width, row_width) = (self.plan.adapters.token_width, self.plan.adapters.row_width);
        let source = if self.is_after() { &saved.input } else { &scratch.normed_tokens }.get(tokens * hidden);
        let query_source = match self.wanted {
            Wanted::All => source,
            Wanted::First => saved.query_input.get(rows * hidden),
        };
        let key_value = Matrix::new(scratch.of_key_value.get(tokens * 2 * key_width), 2 * key_width);
        let query = Matrix::new(scratch.of_query.get(rows * self.query_width()), self.query_width());
        let of_tokens = (saved.adapter_tokens.get(tokens * width), scratch.adapter_tokens.get(tokens * width), width);
        let of_rows = (saved.adapter_rows.get(rows * row_width), scratch.adapter_rows.get(rows * row_width), row_width);
        let sources = [
            (self.query(), query, query_source, of_rows, self.wanted),
            (self.key(), key_value.columns(0..key_width), source, of_tokens, Wanted::All),
            (self.value(), key_value.columns(key_width..2 * key_width), source, of_tokens, Wanted::All),
        ];
        let dropped = scratch.dropped.of(self.dropped_numbers(tokens.max(rows)));
        for (target, (layer, gradient, input, (inner, of_inner, width), wanted)) in targets.into_iter().zip(sources) {
            let back = LinearBack { gradient, input, wanted, inner, of_inner, width, dropped: &mut *dropped };
            layer.gradients(self, target, back);
        }
    }

    /// The gradient of the block's input, to `scratch.of_output`.
    fn input_gradient(&self, saved: &Saved, scratch: &mut Scratch) {
        let (rows, tokens, hidden) = (self.rows(), self.sequences.tokens(), self.hidden());
        let of_tokens = scratch.of_tokens.get(tokens * hidden);
        let input = saved.input.get(tokens * hidden);
        let after_attention = scratch.of_after_attention.get(rows * hidden);
        by_rows(0..tokens, [Rows::new(scratch.of_output.of(tokens * hidden), hidden)], &|rows, [of_input]| {
            let place = rows.start * hidden..rows.end * hidden;
            if self.is_after() {
                of_input.copy_from_slice(&of_tokens[place.clone()]);
            } else {
                let statistics = saved.attention_statistics.of_rows(rows, self.has_means());
                let (norm, input) = (&self.weights.attention_norm, &input[place.clone()]);
                norm_backward_rows(norm, input, statistics, &of_tokens[place.clone()], of_input);
            }
            if self.wanted == Wanted::All {
                add_assign_rows(of_input, &after_attention[place]);
            }
        });
        if self.wanted == Wanted::First {
            self.add_at_rows(scratch.of_output.of(tokens * hidden), after_attention);
        }
    }

    /// Adds rows to those of their tokens.
    fn add_at_rows(&self, tokens: &mut [f32], rows: &[f32]) {
        let hidden = self.hidden();
        for (row, values) in rows.chunks_exact(hidden).enumerate() {
            let token = self.sequences.token(row, self.wanted);
            add_assign_rows(&mut tokens[token * hidden..(token + 1) * hidden], values);
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
