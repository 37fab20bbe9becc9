//! A block forward, on slices.

use std::ops::Range;

use super::attention::{Gathered, Projected, room_for};
use super::elementwise::{activate, norm_rows};
use super::linear::AdapterRoom;
use super::parallel::{Rows, by_rows};
use super::plan::BlockRun;
use super::rotary::{Turn, turn_rows};
use super::sequences::Wanted;
use super::workspace::{Saved, Scratch, Statistics};
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};
use crate::tensor::kernels::rows::add_assign_rows;
use crate::transformer::NormPlace;

impl BlockRun<'_> {
    /// The block's rows for what `saved.input` holds, `[rows, hidden]`; what the way back needs stays in `saved`.
    pub(super) fn forward(&self, saved: &mut Saved, scratch: &mut Scratch, output: &mut [f32]) {
        self.project_tokens(saved, scratch);
        self.project_queries(saved, scratch);
        let (rows, tokens) = (self.rows(), self.sequences.tokens());
        let (query_width, key_width) = (self.query_width(), self.key_width());
        let heads = self.plan.settings.attention_heads;
        let key_value = Matrix::new(saved.key_value.get(tokens * 2 * key_width), 2 * key_width);
        let projected = Projected {
            query: Matrix::new(saved.query.get(rows * query_width), query_width),
            key: key_value.columns(0..key_width),
            value: key_value.columns(key_width..2 * key_width),
        };
        let gathered = Gathered {
            rows: MatrixMut::new(saved.gathered.of(rows * query_width), query_width),
            sums: MatrixMut::new(saved.sums.of(rows * heads), heads),
        };
        let room = rayon::current_num_threads() * room_for(self.sequences.longest());
        self.attend(projected, gathered, scratch.attention.of(room));
        self.after_attention(saved, scratch, output);
    }

    /// Keys and values of every token.
    fn project_tokens(&self, saved: &mut Saved, scratch: &mut Scratch) {
        let (tokens, hidden, key_width) = (self.sequences.tokens(), self.hidden(), self.key_width());
        let width = self.plan.adapters.token_width;
        let is_before = self.plan.settings.norm_place == NormPlace::Before;
        let input = saved.input.get(tokens * hidden);
        let norm = if is_before { hidden } else { 0 };
        let buffers = [
            Rows::new(saved.key_value.of(tokens * 2 * key_width), 2 * key_width),
            Rows::new(scratch.normed_tokens.of(tokens * norm), norm),
            Rows::new(saved.attention_statistics.means.of(tokens * norm.min(1)), norm.min(1)),
            Rows::new(saved.attention_statistics.scales.of(tokens * norm.min(1)), norm.min(1)),
            Rows::new(saved.adapter_tokens.of(tokens * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(tokens))),
        ];
        by_rows(0..tokens, buffers, &|rows: Range<usize>, [key_value, normed, means, scales, inner, dropped]| {
            let first = rows.start;
            let input = &input[rows.start * hidden..rows.end * hidden];
            let input = if is_before {
                norm_rows(self, &self.weights.attention_norm, input, normed, means, scales);
                normed
            } else {
                input
            };
            let mut room = AdapterRoom { inner, width, dropped, first, wanted: Wanted::All };
            let (key, value) = MatrixMut::new(key_value, 2 * key_width).split_at_column(key_width);
            self.key().forward(self, input, key, &mut room);
            self.value().forward(self, input, value, &mut room);
            let key = MatrixMut::new(key_value, 2 * key_width).columns(0..key_width);
            turn_rows(self, Turn::Forward, rows, Wanted::All, key);
        });
    }

    /// Queries of every row.
    fn project_queries(&self, saved: &mut Saved, scratch: &mut Scratch) {
        let (rows, tokens) = (self.rows(), self.sequences.tokens());
        let (hidden, query_width, width) = (self.hidden(), self.query_width(), self.plan.adapters.row_width);
        let input = saved.input.get(tokens * hidden);
        let source = match self.plan.settings.norm_place {
            NormPlace::Before => scratch.normed_tokens.get(tokens * hidden),
            NormPlace::After => input,
        };
        let source = match self.wanted {
            Wanted::All => source,
            Wanted::First => {
                self.take_rows(input, saved.input_rows.of(rows * hidden));
                self.take_rows(source, saved.query_input.of(rows * hidden));
                saved.query_input.get(rows * hidden)
            }
        };
        let buffers = [
            Rows::new(saved.query.of(rows * query_width), query_width),
            Rows::new(saved.adapter_rows.of(rows * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows: Range<usize>, [query, inner, dropped]| {
            let source = &source[rows.start * hidden..rows.end * hidden];
            let mut room = AdapterRoom { inner, width, dropped, first: rows.start, wanted: self.wanted };
            self.query().forward(self, source, MatrixMut::new(query, query_width), &mut room);
            turn_rows(self, Turn::Forward, rows, self.wanted, MatrixMut::new(query, query_width));
        });
    }

    /// The rows of the wanted tokens.
    pub(super) fn take_rows(&self, all: &[f32], rows: &mut [f32]) {
        let hidden = self.hidden();
        for (row, values) in rows.chunks_exact_mut(hidden).enumerate() {
            let token = self.sequences.token(row, self.wanted);
            values.copy_from_slice(&all[token * hidden..(token + 1) * hidden]);
        }
    }

    /// The projection of what attention gathered, the feed-forward layers, and both norms if they come after.
    fn after_attention(&self, saved: &mut Saved, scratch: &mut Scratch, output: &mut [f32]) {
        let (rows, hidden, inner, width) = (self.rows(), self.hidden(), self.inner(), self.plan.adapters.row_width);
        let is_after = self.plan.settings.norm_place == NormPlace::After;
        let (norm_after, gate) = (if is_after { hidden } else { 0 }, if self.gate().is_some() { inner } else { 0 });
        let before = match self.wanted {
            Wanted::All => saved.input.get(rows * hidden),
            Wanted::First => saved.input_rows.get(rows * hidden),
        };
        let gathered = saved.gathered.get(rows * self.query_width());
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
            let gathered = &gathered[rows.start * self.query_width()..rows.end * self.query_width()];
            self.output().forward(self, gathered, MatrixMut::new(sum, hidden), &mut room);
            self.drop_in_rows(self.plan.attention, first, hidden, sum);
            add_assign_rows(sum, &before[rows.start * hidden..rows.end * hidden]);
            let norm = if is_after { &self.weights.attention_norm } else { &self.weights.output_norm };
            norm_rows(self, norm, sum, normed, means, scales);
            self.inward().forward(self, normed, MatrixMut::new(inner_rows, inner), &mut room);
            if let Some(gate) = self.gate() {
                gate.forward(self, normed, MatrixMut::new(gates, inner), &mut room);
            }
            activate(self, inner_rows, gates, activated);
            self.drop_in_rows(self.plan.inner, first, inner, activated);
            let result = if is_after { &mut *last } else { &mut *output };
            self.outward().forward(self, activated, MatrixMut::new(result, hidden), &mut room);
            self.drop_in_rows(self.plan.output, first, hidden, result);
            add_assign_rows(result, if is_after { normed } else { sum });
        });
        if is_after {
            let last = saved.after_feed_forward.get(rows * hidden);
            let Statistics { means, scales } = &mut saved.output_statistics;
            let buffers = [Rows::new(output, hidden), Rows::new(means.of(rows), 1), Rows::new(scales.of(rows), 1)];
            by_rows(0..rows, buffers, &|rows, [output, means, scales]| {
                let last = &last[rows.start * hidden..rows.end * hidden];
                norm_rows(self, &self.weights.output_norm, last, output, means, scales);
            });
        }
    }

    /// How many numbers there must be room for where adapters drop a part of what they see of `rows` rows.
    pub(super) fn dropped_numbers(&self, rows: usize) -> usize {
        if self.plan.adapters.drops { rows * self.widest() } else { 0 }
    }

    /// That room, row by row.
    pub(super) fn dropped<'r>(&self, room: &'r mut [f32]) -> Rows<'r> {
        Rows::new(room, if self.plan.adapters.drops { self.widest() } else { 0 })
    }

    fn widest(&self) -> usize {
        self.hidden().max(self.inner()).max(self.query_width())
    }
}
