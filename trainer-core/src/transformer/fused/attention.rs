//! Attention of the sequences of a pass, head by head: probabilities are computed for some queries at a time and again
//! while going backward; only the logarithms of their sums are kept.

use std::ops::Range;

use super::plan::{StageRun, drop_elements};
use crate::tensor::kernels::matrix::{Matrix, MatrixMut};
use crate::tensor::kernels::product::{Onto, product};
use crate::tensor::kernels::rows::{add_assign_rows, dot_product, exp_minus, softmax_backward_row, softmax_row};
use crate::transformer::Direction;

/// Queries whose scores are there at once: their rows stay in the cache.
pub(super) const QUERIES: usize = 64;

/// Room that one thread needs for the longest sequences of those that ask and those that are asked, in numbers.
pub(super) fn room_for(longest: usize, longest_of_keys: usize) -> usize {
    3 * QUERIES.min(longest.max(1)) * longest_of_keys
}

/// Queries `[rows, heads · size]`, keys and values `[key tokens, key heads · size]`.
#[derive(Clone, Copy)]
pub(super) struct Projected<'a> {
    pub(super) query: Matrix<'a>,
    pub(super) key: Matrix<'a>,
    pub(super) value: Matrix<'a>,
}

/// What attention gives: rows `[rows, heads · size]`, and the logarithms of the sums of exponentials, `[rows, heads]`.
pub(super) struct Gathered<'a> {
    pub(super) rows: MatrixMut<'a>,
    pub(super) sums: MatrixMut<'a>,
}

/// What goes backward through attention.
pub(super) struct Back<'a> {
    pub(super) projected: Projected<'a>,
    /// What attention gave.
    pub(super) gathered: Matrix<'a>,
    pub(super) sums: Matrix<'a>,
    /// The gradient of what it gave.
    pub(super) gradient: Matrix<'a>,
}

/// The gradients of what attention was given.
pub(super) struct Gradients<'a> {
    pub(super) query: MatrixMut<'a>,
    pub(super) key: MatrixMut<'a>,
    pub(super) value: MatrixMut<'a>,
    /// Of what was added to the scores, `[heads, length · length]`; added to. No columns if nothing was.
    pub(super) relative: MatrixMut<'a>,
}

/// Sequences and heads of keys that one thread works on; its room.
struct Share<'a> {
    sequences: Range<usize>,
    heads: Range<usize>,
    threads: usize,
    room: &'a mut [f32],
}

/// How a share is cut in two.
enum Cut {
    Sequences(usize),
    Heads(usize),
    Nothing,
}

impl StageRun<'_> {
    /// What every row gathers from the tokens that its sequence asks.
    pub(super) fn attend(&self, projected: Projected<'_>, gathered: Gathered<'_>, room: &mut [f32]) {
        self.attend_share(projected, gathered, self.whole(room));
    }

    /// The gradients of queries, keys and values; `gradients` is overwritten, but for what was added to the scores.
    pub(super) fn attend_backward(&self, back: &Back<'_>, gradients: Gradients<'_>, room: &mut [f32]) {
        self.attend_backward_share(back, gradients, self.whole(room));
    }

    fn whole<'r>(&self, room: &'r mut [f32]) -> Share<'r> {
        let threads = (room.len() / room_for(self.sequences.longest(), self.keys.longest()).max(1)).max(1);
        let heads = 0..self.plan.settings.key_value_heads;
        Share { sequences: 0..self.sequences.count(), heads, threads, room }
    }

    /// Numbers of queries that belong to so many heads of keys.
    fn query_numbers(&self, key_heads: usize) -> usize {
        self.query_heads(key_heads) * self.plan.settings.head_size
    }

    fn query_heads(&self, key_heads: usize) -> usize {
        key_heads * self.plan.settings.attention_heads / self.plan.settings.key_value_heads
    }

    fn attend_share(&self, projected: Projected<'_>, gathered: Gathered<'_>, share: Share<'_>) {
        let (cut, left, right) = self.cut(share);
        match cut {
            Cut::Nothing => self.attend_here(projected, gathered, left),
            Cut::Sequences(sequence) => {
                let rows = self.rows_between(left.sequences.start, sequence);
                let (before, behind) = gathered.rows.split_at_row(rows);
                let (sums_before, sums_behind) = gathered.sums.split_at_row(rows);
                rayon::join(
                    || self.attend_share(projected, Gathered { rows: before, sums: sums_before }, left),
                    || self.attend_share(projected, Gathered { rows: behind, sums: sums_behind }, right),
                );
            }
            Cut::Heads(heads) => {
                let (before, behind) = gathered.rows.split_at_column(self.query_numbers(heads));
                let (sums_before, sums_behind) = gathered.sums.split_at_column(self.query_heads(heads));
                rayon::join(
                    || self.attend_share(projected, Gathered { rows: before, sums: sums_before }, left),
                    || self.attend_share(projected, Gathered { rows: behind, sums: sums_behind }, right),
                );
            }
        }
    }

    fn attend_backward_share(&self, back: &Back<'_>, gradients: Gradients<'_>, share: Share<'_>) {
        let (cut, left, right) = self.cut(share);
        let Gradients { query, key, value, relative } = gradients;
        let (before, behind) = match cut {
            Cut::Nothing => return self.backward_here(back, Gradients { query, key, value, relative }, left),
            Cut::Sequences(sequence) => {
                let rows = self.rows_between(left.sequences.start, sequence);
                let tokens = self.keys.offsets[sequence] - self.keys.offsets[left.sequences.start];
                let (query, query_behind) = query.split_at_row(rows);
                let (key, key_behind) = key.split_at_row(tokens);
                let (value, value_behind) = value.split_at_row(tokens);
                let (relative, relative_behind) = relative.split_at_row(0);
                (
                    Gradients { query, key, value, relative },
                    Gradients { query: query_behind, key: key_behind, value: value_behind, relative: relative_behind },
                )
            }
            Cut::Heads(heads) => {
                let numbers = heads * self.plan.settings.head_size;
                let (query, query_behind) = query.split_at_column(self.query_numbers(heads));
                let (key, key_behind) = key.split_at_column(numbers);
                let (value, value_behind) = value.split_at_column(numbers);
                let of_heads = if relative.row_count() == 0 { 0 } else { self.query_heads(heads) };
                let (relative, relative_behind) = relative.split_at_row(of_heads);
                (
                    Gradients { query, key, value, relative },
                    Gradients { query: query_behind, key: key_behind, value: value_behind, relative: relative_behind },
                )
            }
        };
        rayon::join(
            || self.attend_backward_share(back, before, left),
            || self.attend_backward_share(back, behind, right),
        );
    }

    /// How a share is best cut in two, and the two. Heads are equal work, so they are taken where they are enough; what is
    /// added to the scores is of a head, and its gradient must not be shared.
    fn cut<'r>(&self, share: Share<'r>) -> (Cut, Share<'r>, Share<'r>) {
        let Share { sequences, heads, threads, room } = share;
        let many_sequences = sequences.len() >= 4 * threads && self.relative.is_none();
        let whole =
            |sequences: Range<usize>, heads: Range<usize>, threads, room| Share { sequences, heads, threads, room };
        let left_threads = threads / 2;
        let per_thread = room.len() / threads.max(1);
        if threads > 1 && heads.len() > 1 && (!many_sequences || heads.len().is_multiple_of(threads)) {
            let first = (heads.len() * left_threads / threads).max(1);
            let middle = heads.start + first;
            let (left, right) = room.split_at_mut(per_thread * left_threads);
            return (
                Cut::Heads(first),
                whole(sequences.clone(), heads.start..middle, left_threads, left),
                whole(sequences, middle..heads.end, threads - left_threads, right),
            );
        }
        if threads > 1 && sequences.len() > 1 && self.relative.is_none() {
            let middle = self.middle(&sequences, left_threads, threads);
            let (left, right) = room.split_at_mut(per_thread * left_threads);
            return (
                Cut::Sequences(middle),
                whole(sequences.start..middle, heads.clone(), left_threads, left),
                whole(middle..sequences.end, heads, threads - left_threads, right),
            );
        }
        let end = sequences.end;
        (Cut::Nothing, whole(sequences, heads.clone(), 1, room), whole(end..end, heads, 1, &mut []))
    }

    /// The sequence before which about `share` of `parts` of the work lies; neither the first nor beyond the last.
    fn middle(&self, sequences: &Range<usize>, share: usize, parts: usize) -> usize {
        let work = |sequence: usize| {
            let tokens = self.keys.of(sequence).len();
            self.sequences.rows_of(sequence, self.wanted).len() * tokens
        };
        let wanted = sequences.clone().map(work).sum::<usize>() * share / parts;
        let (mut done, mut middle) = (0, sequences.start);
        while middle + 1 < sequences.end && (middle == sequences.start || done + work(middle) / 2 <= wanted) {
            done += work(middle);
            middle += 1;
        }
        middle
    }

    fn rows_between(&self, first: usize, last: usize) -> usize {
        self.sequences.rows_of(last, self.wanted).start - self.sequences.rows_of(first, self.wanted).start
    }

    fn attend_here(&self, projected: Projected<'_>, mut gathered: Gathered<'_>, share: Share<'_>) {
        let first_row = self.sequences.rows_of(share.sequences.start, self.wanted).start;
        let first_head = self.query_heads(share.heads.start);
        let size = self.plan.settings.head_size;
        for sequence in share.sequences {
            for head in first_head..self.query_heads(share.heads.end) {
                let here = Unit::new(self, projected, sequence, head);
                let (mut rows, columns) =
                    (here.rows.clone(), (head - first_head) * size..(head - first_head + 1) * size);
                while !rows.is_empty() {
                    let block = rows.start..rows.end.min(rows.start + QUERIES);
                    rows.start = block.end;
                    let tokens = here.tokens_seen(&block);
                    let scores = &mut share.room[..block.len() * tokens];
                    here.scores(&block, tokens, scores);
                    for (row, scores) in block.clone().zip(scores.chunks_exact_mut(tokens)) {
                        let seen = here.seen(row);
                        let sum = softmax_row(&mut scores[..seen], 1.0);
                        gathered.sums.row_mut(row - first_row)[head - first_head] = sum;
                        scores[seen..].fill(0.0);
                        here.drop(row, &mut scores[..seen]);
                    }
                    let output = gathered.rows.reborrow().rows(block.start - first_row..block.end - first_row);
                    let value = here.value.rows(0..tokens);
                    product(output.columns(columns.clone()), Matrix::new(scores, tokens), value, 1.0, Onto::Nothing);
                }
            }
        }
    }

    fn backward_here(&self, back: &Back<'_>, mut gradients: Gradients<'_>, share: Share<'_>) {
        let first_row = self.sequences.rows_of(share.sequences.start, self.wanted).start;
        let first_token = self.keys.offsets[share.sequences.start];
        let (size, first_head) = (self.plan.settings.head_size, self.query_heads(share.heads.start));
        for row in 0..gradients.key.row_count() {
            gradients.key.row_mut(row).fill(0.0);
            gradients.value.row_mut(row).fill(0.0);
        }
        for sequence in share.sequences {
            let tokens = self.keys.of(sequence);
            for head in first_head..self.query_heads(share.heads.end) {
                let here = Unit::new(self, back.projected, sequence, head);
                let local = head - first_head;
                let key_head = here.key_head - share.heads.start;
                let columns = key_head * size..(key_head + 1) * size;
                let at = tokens.start - first_token..tokens.end - first_token;
                let of = UnitGradients {
                    query: gradients.query.reborrow().columns(local * size..(local + 1) * size),
                    key: gradients.key.reborrow().rows(at.clone()).columns(columns.clone()),
                    value: gradients.value.reborrow().rows(at).columns(columns),
                    relative: self.relative.is_some().then(|| gradients.relative.row_mut(local)),
                };
                here.backward(back, of, first_row, share.room);
            }
        }
    }
}

/// A head of a sequence.
struct Unit<'a> {
    run: StageRun<'a>,
    sequence: usize,
    head: usize,
    key_head: usize,
    rows: Range<usize>,
    /// `[rows of all sequences, size]`, `[tokens that the sequence asks, size]`.
    query: Matrix<'a>,
    key: Matrix<'a>,
    value: Matrix<'a>,
}

/// The gradients of a head of a sequence; of queries all rows of the share.
struct UnitGradients<'a> {
    query: MatrixMut<'a>,
    key: MatrixMut<'a>,
    value: MatrixMut<'a>,
    relative: Option<&'a mut [f32]>,
}

impl<'a> Unit<'a> {
    fn new(run: &StageRun<'a>, projected: Projected<'a>, sequence: usize, head: usize) -> Self {
        let settings = &run.plan.settings;
        let key_head = head * settings.key_value_heads / settings.attention_heads;
        let (size, tokens) = (settings.head_size, run.keys.of(sequence));
        let of_key = key_head * size..(key_head + 1) * size;
        Self {
            run: *run,
            sequence,
            head,
            key_head,
            rows: run.sequences.rows_of(sequence, run.wanted),
            query: projected.query.columns(head * size..(head + 1) * size),
            key: projected.key.rows(tokens.clone()).columns(of_key.clone()),
            value: projected.value.rows(tokens).columns(of_key),
        }
    }

    /// How many of the tokens that its sequence asks a row attends to: the first so many.
    fn seen(&self, row: usize) -> usize {
        let sequences = self.run.sequences;
        match self.run.plan.settings.direction {
            Direction::Bidirectional => self.run.keys.of(self.sequence).len(),
            Direction::Causal => sequences.token(row, self.run.wanted) - sequences.offsets[self.sequence] + 1,
        }
    }

    fn tokens_seen(&self, rows: &Range<usize>) -> usize {
        self.seen(rows.end - 1)
    }

    /// Products of queries and keys, scaled, with what is added to them.
    fn scores(&self, rows: &Range<usize>, tokens: usize, scores: &mut [f32]) {
        let scale = self.run.plan.settings.attention_scale as f32;
        let key = self.key.rows(0..tokens).transposed();
        let query = self.query.rows(rows.clone());
        product(MatrixMut::new(scores, tokens), query, key, scale, Onto::Nothing);
        if let Some(relative) = self.run.relative {
            for (row, scores) in rows.clone().zip(scores.chunks_exact_mut(tokens)) {
                let first = self.head * self.square() + self.first_score(row);
                add_assign_rows(scores, &relative[first..first + tokens]);
            }
        }
    }

    /// Scores of a head for a row of the padded batch.
    fn square(&self) -> usize {
        self.run.sequences.length * self.run.keys.length
    }

    /// Where a row's scores begin among those of its sequence and head, `[length, length]` with padding.
    fn first_score(&self, row: usize) -> usize {
        let sequences = self.run.sequences;
        let column = sequences.column(self.sequence, sequences.token(row, self.run.wanted));
        column * sequences.length + sequences.first_columns[self.sequence]
    }

    fn drop(&self, row: usize, probabilities: &mut [f32]) {
        if let Some(mask) = self.run.plan.probabilities {
            let heads = self.run.plan.settings.attention_heads;
            // As the scores stand in the padded batch, where several sequences may lie in a row.
            let (sequences, keys) = (self.run.sequences, self.run.keys);
            let ((of_batch, begin), (_, begin_of_keys)) = (sequences.places[self.sequence], keys.places[self.sequence]);
            let column = begin + sequences.token(row, self.run.wanted) - sequences.offsets[self.sequence];
            let first = (of_batch * heads + self.head) * self.square() + column * keys.length + begin_of_keys;
            drop_elements(mask, first, probabilities);
        }
    }

    fn backward(&self, back: &Back<'_>, mut of: UnitGradients<'_>, first_row: usize, room: &mut [f32]) {
        let settings = &self.run.plan.settings;
        let scale = settings.attention_scale as f32;
        let columns = self.head * settings.head_size..(self.head + 1) * settings.head_size;
        let (gradient, gathered) = (back.gradient.columns(columns.clone()), back.gathered.columns(columns));
        let mut rows = self.rows.clone();
        while !rows.is_empty() {
            let block = rows.start..rows.end.min(rows.start + QUERIES);
            rows.start = block.end;
            let tokens = self.tokens_seen(&block);
            let (shares, rest) = room.split_at_mut(block.len() * tokens);
            let (of_scores, rest) = rest.split_at_mut(block.len() * tokens);
            let kept = &mut rest[..if self.run.plan.probabilities.is_some() { block.len() * tokens } else { 0 }];
            self.scores(&block, tokens, shares);
            let (gradient_rows, value) = (gradient.rows(block.clone()), self.value.rows(0..tokens));
            product(MatrixMut::new(of_scores, tokens), gradient_rows, value.transposed(), 1.0, Onto::Nothing);
            for (index, row) in block.clone().enumerate() {
                let (at, seen) = (index * tokens..(index + 1) * tokens, self.seen(row));
                let shares = &mut shares[at.clone()];
                exp_minus(&mut shares[..seen], 1.0, back.sums.row(row)[self.head]);
                shares[seen..].fill(0.0);
                let of_scores = &mut of_scores[at.clone()];
                if !kept.is_empty() {
                    let kept = &mut kept[at];
                    kept.copy_from_slice(shares);
                    self.drop(row, &mut kept[..seen]);
                    self.drop(row, &mut of_scores[..seen]);
                }
                let dot = dot_product(gradient.row(row), gathered.row(row));
                softmax_backward_row(shares, of_scores, dot, 1.0);
                if let Some(relative) = &mut of.relative {
                    let first = self.first_score(row);
                    add_assign_rows(&mut relative[first..first + seen], &of_scores[..seen]);
                }
            }
            let used = Matrix::new(if kept.is_empty() { shares } else { kept }, tokens);
            let of_scores = Matrix::new(of_scores, tokens);
            let local = block.start - first_row..block.end - first_row;
            product(of.value.reborrow().rows(0..tokens), used.transposed(), gradient_rows, 1.0, Onto::Values);
            product(of.query.reborrow().rows(local), of_scores, self.key.rows(0..tokens), scale, Onto::Nothing);
            let query = self.query.rows(block);
            product(of.key.reborrow().rows(0..tokens), of_scores.transposed(), query, scale, Onto::Values);
        }
    }
}
