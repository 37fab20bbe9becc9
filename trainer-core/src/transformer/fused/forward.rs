//! A stage forward, on slices.

use std::ops::Range;

use super::attention::{Gathered, Projected, room_for};
use super::elementwise::norm_rows;
use super::linear::AdapterRoom;
use super::parallel::{Rows, by_rows};
use super::plan::StageRun;
use super::rotary::{Turn, turn_rows};
use super::sequences::Wanted;
use super::workspace::{Buffer, Saved, Scratch, Statistics};
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};

impl StageRun<'_> {
    /// The stage's rows for what `saved.input` holds, `[rows, hidden]`; what the way back needs stays in `saved`.
    pub(super) fn forward(&self, saved: &mut Saved, scratch: &mut Scratch, output: &mut [f32]) {
        if !self.is_after() {
            let input = saved.input.get(self.sequences.tokens() * self.hidden());
            self.norm_tokens(input, &mut scratch.normed_tokens, &mut saved.attention_statistics);
        }
        self.project_keys(saved, scratch);
        self.project_queries(saved, scratch);
        let (rows, keys) = (self.rows(), self.keys.tokens());
        let (query_width, key_width) = (self.query_width(), self.key_width());
        let heads = self.plan.settings.attention_heads;
        let key_value = Matrix::new(saved.key_value.get(keys * 2 * key_width), 2 * key_width);
        let projected = Projected {
            query: Matrix::new(saved.query.get(rows * query_width), query_width),
            key: key_value.columns(0..key_width),
            value: key_value.columns(key_width..2 * key_width),
        };
        let gathered = Gathered {
            rows: MatrixMut::new(saved.gathered.of(rows * query_width), query_width),
            sums: MatrixMut::new(saved.sums.of(rows * heads), heads),
        };
        let room = rayon::current_num_threads() * room_for(self.sequences.longest(), self.keys.longest());
        self.attend(projected, gathered, scratch.attention.of(room));
        match self.feed_forward() {
            Some(layers) => self.add_both(&layers, saved, scratch, output),
            None => self.add_attended(saved, scratch, output),
        }
    }

    /// The norm of every token, where it comes before.
    pub(super) fn norm_tokens(&self, input: &[f32], normed: &mut Buffer, statistics: &mut Statistics) {
        let (tokens, hidden) = (self.sequences.tokens(), self.hidden());
        let buffers = [
            Rows::new(normed.of(tokens * hidden), hidden),
            Rows::new(statistics.means.of(tokens), 1),
            Rows::new(statistics.scales.of(tokens), 1),
        ];
        by_rows(0..tokens, buffers, &|rows: Range<usize>, [normed, means, scales]| {
            let input = &input[rows.start * hidden..rows.end * hidden];
            norm_rows(self, &self.weights.norm, input, normed, means, scales);
        });
    }

    /// Keys and values of every token that is asked.
    fn project_keys(&self, saved: &mut Saved, scratch: &mut Scratch) {
        let (keys, hidden, key_width) = (self.keys.tokens(), self.hidden(), self.key_width());
        let width = self.plan.adapters.token_width;
        let own = if self.is_after() { &saved.input } else { &scratch.normed_tokens };
        let input = self.source.unwrap_or_else(|| own.get(keys * hidden));
        let buffers = [
            Rows::new(saved.key_value.of(keys * 2 * key_width), 2 * key_width),
            Rows::new(saved.adapter_tokens.of(keys * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(keys))),
        ];
        by_rows(0..keys, buffers, &|rows: Range<usize>, [key_value, inner, dropped]| {
            let input = &input[rows.start * hidden..rows.end * hidden];
            let mut room = AdapterRoom { inner, width, dropped, first: rows.start, wanted: Wanted::All };
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
        let source = if self.is_after() { input } else { scratch.normed_tokens.get(tokens * hidden) };
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
    fn take_rows(&self, all: &[f32], rows: &mut [f32]) {
        let hidden = self.hidden();
        for (row, values) in rows.chunks_exact_mut(hidden).enumerate() {
            let token = self.sequences.token(row, self.wanted);
            values.copy_from_slice(&all[token * hidden..(token + 1) * hidden]);
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
