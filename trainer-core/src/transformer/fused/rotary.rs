//! Rotary positions on rows: the first half of each head's numbers is turned with the second.

use std::ops::Range;

use super::plan::StageRun;
use super::sequences::Wanted;
use crate::tensor::kernels::matrix::MatrixMut;

/// The cosine and the sine of the angles of every column, `[columns, head size / 2]` each.
#[derive(Debug)]
pub(super) struct Angles {
    pub(super) cosine: Vec<f32>,
    pub(super) sine: Vec<f32>,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// By the angles of the columns.
    Forward,
    /// Back again, as gradients go.
    Backward,
}

/// Turns queries or keys of whole heads, of the rows `rows` of those that are `wanted`; does nothing where positions are
/// not rotary.
pub(super) fn turn_rows(run: &StageRun<'_>, turn: Turn, rows: Range<usize>, wanted: Wanted, mut values: MatrixMut<'_>) {
    let Some(Angles { cosine, sine }) = run.angles else { return };
    let size = run.plan.settings.head_size;
    let half = size / 2;
    let sign = if turn == Turn::Forward { 1.0 } else { -1.0 };
    for (at, column) in run.sequences.columns(rows, wanted).enumerate() {
        let angles = column * half..(column + 1) * half;
        let (cosine, sine) = (&cosine[angles.clone()], &sine[angles]);
        for head in values.row_mut(at).chunks_exact_mut(size) {
            let (first, second) = head.split_at_mut(half);
            for (((a, b), cosine), sine) in first.iter_mut().zip(second).zip(cosine).zip(sine) {
                let sine = sign * sine;
                (*a, *b) = (*a * cosine - *b * sine, *b * cosine + *a * sine);
            }
        }
    }
}
