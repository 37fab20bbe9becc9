//! A stage backward, on slices: from the gradient of its rows to that of its input and of its parameters.

use super::attention::{Back, Gradients, Projected, room_for};
use super::elementwise::{norm_backward_rows, norm_gradients};
use super::linear::{AdapterRoom, LinearBack, Target};
use super::parallel::{Rows, by_rows};
use super::parts::{FeedForwardParts, LinearParts, NormParts, StageParts};
use super::plan::{LinearRun, StageRun};
use super::rotary::{Turn, turn_rows};
use super::sequences::Wanted;
use super::workspace::{Buffer, Saved, Scratch};
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};
use crate::tensor::kernels::product::Onto;
use crate::tensor::kernels::rows::add_assign_rows;

/// Where the gradients of a stage's parameters go; nothing for those that are not trained.
pub(super) type Targets<'a> = StageParts<Option<Target<'a>>>;

/// Which gradients are asked for beside those of parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// That of what the stage was given.
    pub(super) input: bool,
    /// That of the rows of its source.
    pub(super) source: bool,
}

impl StageRun<'_> {
    /// From the gradient of the stage's rows, `scratch.of_output`, to that of its input, in the same place, and to those of
    /// its parameters; the gradient of the source's rows is added to. What is not needed is left out.
    pub(super) fn backward(&self, saved: &Saved, scratch: &mut Scratch, targets: Targets<'_>, needs: Needs) {
        let StageParts { query, key, value, output, norm, feed_forward } = targets;
        let layers = self.feed_forward();
        match &layers {
            Some(layers) => self.add_both_backward(layers, saved, scratch),
            None => self.add_attended_backward(saved, scratch),
        }
        self.attention_backward(saved, scratch);
        let attended = (self.output(), &scratch.of_attended, saved.gathered.get(self.rows() * self.query_width()));
        let dropped = scratch.dropped.of(self.dropped_numbers(self.rows()));
        self.gradients_of_rows(output, attended, (saved, &scratch.adapter_rows), dropped);
        if let Some(of_layers) = feed_forward {
            self.feed_forward_gradients(saved, scratch, of_layers);
        }
        let trains_norm = norm.weight.is_some() || matches!(norm.bias, Some(Some(_)));
        if self.is_after() {
            let of_normed = if layers.is_some() { &scratch.of_normed } else { &scratch.of_output };
            self.sum_norm_gradients(norm, saved, of_normed);
            self.projections_backward(saved, scratch, needs);
        } else {
            self.projections_backward(saved, scratch, Needs { input: needs.input || trains_norm, ..needs });
            let (tokens, hidden) = (self.sequences.tokens(), self.hidden());
            let input = Matrix::new(saved.input.get(tokens * hidden), hidden);
            let statistics = saved.attention_statistics.of_rows(0..tokens, self.has_means());
            norm_gradients(norm, input, statistics, Matrix::new(scratch.of_tokens.get(tokens * hidden), hidden));
        }
        self.projection_gradients(saved, scratch, [query, key, value]);
        if needs.input {
            self.input_gradient(saved, scratch);
        }
    }

    /// The gradients of the parameters of a norm after attention.
    fn sum_norm_gradients(&self, norm: NormParts<Option<Target<'_>>>, saved: &Saved, of_normed: &Buffer) {
        let (rows, hidden) = (self.rows(), self.hidden());
        let sum = Matrix::new(saved.after_attention.get(rows * hidden), hidden);
        let statistics = saved.attention_statistics.of_rows(0..rows, self.has_means());
        norm_gradients(norm, sum, statistics, Matrix::new(of_normed.get(rows * hidden), hidden));
    }

    /// Back through attention, to the gradients of queries, keys and values.
    fn attention_backward(&self, saved: &Saved, scratch: &mut Scratch) {
        let (rows, keys, heads) = (self.rows(), self.keys.tokens(), self.plan.settings.attention_heads);
        let (query_width, key_width) = (self.query_width(), self.key_width());
        let key_value = Matrix::new(saved.key_value.get(keys * 2 * key_width), 2 * key_width);
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
        let of_key_value = MatrixMut::new(scratch.of_key_value.of(keys * 2 * key_width), 2 * key_width);
        let (key, value) = of_key_value.split_at_column(key_width);
        let square = self.sequences.length * self.sequences.length;
        let of_scores = if self.relative.is_some() { heads * square } else { 0 };
        let gradients = Gradients {
            query: MatrixMut::new(scratch.of_query.of(rows * query_width), query_width),
            key,
            value,
            relative: MatrixMut::new(scratch.of_relative.of(of_scores), square),
        };
        let room = rayon::current_num_threads() * room_for(self.sequences.longest(), self.keys.longest());
        self.attend_backward(&back, gradients, scratch.attention.of(room));
    }

    /// The gradients of the feed-forward layers and of their norm.
    fn feed_forward_gradients(&self, saved: &Saved, scratch: &mut Scratch, of: FeedForwardParts<Option<Target<'_>>>) {
        let Some(layers) = self.feed_forward() else { return };
        let (rows, hidden, inner) = (self.rows(), self.hidden(), self.inner());
        let (input, gradient) = if self.is_after() {
            (&saved.after_feed_forward, &scratch.of_output)
        } else {
            (&saved.after_attention, &scratch.of_normed)
        };
        let (input, gradient) = (input.get(rows * hidden), gradient.get(rows * hidden));
        let statistics = saved.output_statistics.of_rows(0..rows, self.has_means());
        norm_gradients(of.norm, Matrix::new(input, hidden), statistics, Matrix::new(gradient, hidden));
        let normed = scratch.normed_rows.get(rows * hidden);
        let sources = [
            (of.gate, layers.gate, &scratch.of_gate, normed),
            (Some(of.inward), Some(layers.inward), &scratch.of_inner, normed),
            (Some(of.outward), Some(layers.outward), &scratch.of_added, scratch.activated.get(rows * inner)),
        ];
        let dropped = scratch.dropped.of(self.dropped_numbers(rows));
        for (of, layer, gradient, input) in sources {
            let (Some(of), Some(layer)) = (of, layer) else { continue };
            self.gradients_of_rows(of, (layer, gradient, input), (saved, &scratch.adapter_rows), dropped);
        }
    }

    /// The gradients of a layer that works on the stage's rows.
    fn gradients_of_rows(
        &self,
        of: LinearParts<Option<Target<'_>>>,
        (layer, gradient, input): (LinearRun<'_>, &Buffer, &[f32]),
        (saved, of_inner): (&Saved, &Buffer),
        dropped: &mut [f32],
    ) {
        let (rows, width) = (self.rows(), self.plan.adapters.row_width);
        let back = LinearBack {
            gradient: Matrix::new(gradient.get(rows * layer.outputs), layer.outputs),
            input,
            wanted: self.wanted,
            inner: saved.adapter_rows.get(rows * width),
            of_inner: of_inner.get(rows * width),
            width,
            dropped,
        };
        layer.gradients(self, of, back);
    }

    /// Back through the projections to queries, keys and values, to the gradients that are needed of what they are made of.
    fn projections_backward(&self, saved: &Saved, scratch: &mut Scratch, needs: Needs) {
        if !self.is_after() {
            let input = saved.input.get(self.sequences.tokens() * self.hidden());
            self.norm_tokens(input, &mut scratch.normed_tokens, &mut scratch.statistics);
        }
        // Adapters find the gradients of their inner rows on this way.
        let (of_keys, of_queries) = (self.plan.adapters.token_width > 0, self.plan.adapters.query.is_some());
        let (keys, queries) = match self.source {
            Some(_) => (needs.source || of_keys, needs.input || of_queries),
            None => {
                let both = needs.input || of_keys || of_queries;
                (both, both)
            }
        };
        self.keys_backward(scratch, keys);
        self.queries_backward(scratch, queries);
    }

    /// Back through the projections to keys and values, onto the gradient of the source's rows or to that of the tokens.
    fn keys_backward(&self, scratch: &mut Scratch, is_needed: bool) {
        let (keys, hidden, key_width) = (self.keys.tokens(), self.hidden(), self.key_width());
        let width = self.plan.adapters.token_width;
        let (of_rows, onto) = match self.source {
            Some(_) => (&mut scratch.of_source, Onto::Values),
            None => (&mut scratch.of_tokens, Onto::Nothing),
        };
        let buffers = [
            Rows::new(scratch.of_key_value.of(keys * 2 * key_width), 2 * key_width),
            Rows::new(of_rows.of(keys * hidden), hidden),
            Rows::new(scratch.adapter_tokens.of(keys * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(keys))),
        ];
        by_rows(0..keys, buffers, &|rows, [of_key_value, of_rows, inner, dropped]| {
            let key = MatrixMut::new(of_key_value, 2 * key_width).columns(0..key_width);
            turn_rows(self, Turn::Backward, rows.clone(), Wanted::All, key);
            if is_needed {
                let mut room = AdapterRoom { inner, width, dropped, first: rows.start, wanted: Wanted::All };
                let both = Matrix::new(of_key_value, 2 * key_width);
                self.key().backward(self, both.columns(0..key_width), of_rows, onto, &mut room);
                let value = both.columns(key_width..2 * key_width);
                self.value().backward(self, value, of_rows, Onto::Values, &mut room);
            }
        });
    }

    /// Back through the projection to queries, to the gradient of the tokens, or onto it behind that of their keys.
    fn queries_backward(&self, scratch: &mut Scratch, is_needed: bool) {
        let (rows, tokens, hidden) = (self.rows(), self.sequences.tokens(), self.hidden());
        let (query_width, width) = (self.query_width(), self.plan.adapters.row_width);
        let is_first = self.source.is_some();
        let (of_input, onto) = match self.wanted {
            Wanted::All if is_first => (&mut scratch.of_tokens, Onto::Nothing),
            Wanted::All => (&mut scratch.of_tokens, Onto::Values),
            Wanted::First => (&mut scratch.of_query_input, Onto::Nothing),
        };
        let buffers = [
            Rows::new(scratch.of_query.of(rows * query_width), query_width),
            Rows::new(of_input.of(rows * hidden), hidden),
            Rows::new(scratch.adapter_rows.of(rows * width), width),
            self.dropped(scratch.dropped.of(self.dropped_numbers(rows))),
        ];
        by_rows(0..rows, buffers, &|rows, [of_query, of_input, inner, dropped]| {
            turn_rows(self, Turn::Backward, rows.clone(), self.wanted, MatrixMut::new(of_query, query_width));
            if is_needed {
                let mut room = AdapterRoom { inner, width, dropped, first: rows.start, wanted: self.wanted };
                let of_query = Matrix::new(of_query, query_width);
                self.query().backward(self, of_query, of_input, onto, &mut room);
            }
        });
        if is_needed && self.wanted == Wanted::First {
            let of_tokens = scratch.of_tokens.of(tokens * hidden);
            if is_first {
                of_tokens.fill(0.0);
            }
            self.add_at_rows(of_tokens, scratch.of_query_input.get(rows * hidden));
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
        let (keys, width, row_width) =
            (self.keys.tokens(), self.plan.adapters.token_width, self.plan.adapters.row_width);
        let own = if self.is_after() { &saved.input } else { &scratch.normed_tokens }.get(tokens * hidden);
        let asked = self.source.unwrap_or(own);
        let of_queries = match self.wanted {
            Wanted::All => own,
            Wanted::First => saved.query_input.get(rows * hidden),
        };
        let key_value = Matrix::new(scratch.of_key_value.get(keys * 2 * key_width), 2 * key_width);
        let query = Matrix::new(scratch.of_query.get(rows * self.query_width()), self.query_width());
        let of_keys = (saved.adapter_tokens.get(keys * width), scratch.adapter_tokens.get(keys * width), width);
        let of_rows = (saved.adapter_rows.get(rows * row_width), scratch.adapter_rows.get(rows * row_width), row_width);
        let sources = [
            (self.query(), query, of_queries, of_rows, self.wanted),
            (self.key(), key_value.columns(0..key_width), asked, of_keys, Wanted::All),
            (self.value(), key_value.columns(key_width..2 * key_width), asked, of_keys, Wanted::All),
        ];
        let dropped = scratch.dropped.of(self.dropped_numbers(keys.max(rows)));
        for (target, (layer, gradient, input, (inner, of_inner, width), wanted)) in targets.into_iter().zip(sources) {
            let back = LinearBack { gradient, input, wanted, inner, of_inner, width, dropped: &mut *dropped };
            layer.gradients(self, target, back);
        }
    }

    /// The gradient of the stage's input, to `scratch.of_output`.
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
                let (norm, input) = (&self.weights.norm, &input[place.clone()]);
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
