//! What a block computes in one pass: sizes, masks, and where its adapters' inner rows stand.

use super::parts::{BlockParts, LinearParts};
use super::rotary::Angles;
use super::sequences::{Sequences, Wanted};
use crate::nn::Mask;
use crate::tensor::kernels::dropout::dropout_slice;
use crate::transformer::BlockSettings;

/// A block's sizes and masks, and the slices of its parameters.
#[derive(Clone, Copy)]
pub(super) struct BlockRun<'a> {
    pub(super) plan: &'a BlockPlan,
    pub(super) weights: &'a BlockParts<&'a [f32]>,
    pub(super) sequences: &'a Sequences,
    pub(super) wanted: Wanted,
    /// Added to the scores, `[heads, length, length]`.
    pub(super) relative: Option<&'a [f32]>,
    /// Of each column, if positions are rotary.
    pub(super) angles: Option<&'a Angles>,
}

/// What a block computes.
#[derive(Clone, Debug)]
pub(super) struct BlockPlan {
    pub(super) settings: BlockSettings,
    /// Of attention's probabilities.
    pub(super) probabilities: Option<Mask>,
    /// Of what attention adds.
    pub(super) attention: Option<Mask>,
    /// Inside of the feed-forward layers.
    pub(super) inner: Option<Mask>,
    /// Of what the feed-forward layers add.
    pub(super) output: Option<Mask>,
    pub(super) adapters: Adapters,
}

/// The adapters of a block, by layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Adapters {
    pub(super) query: Option<AdapterPlan>,
    pub(super) key: Option<AdapterPlan>,
    pub(super) value: Option<AdapterPlan>,
    pub(super) output: Option<AdapterPlan>,
    pub(super) gate: Option<AdapterPlan>,
    pub(super) inward: Option<AdapterPlan>,
    pub(super) outward: Option<AdapterPlan>,
    /// Numbers for each token between the products of the adapters of keys and values.
    pub(super) token_width: usize,
    /// Numbers for each row between the products of the other adapters.
    pub(super) row_width: usize,
    /// Whether one of them drops a part of its input.
    pub(super) drops: bool,
}

/// An adapter of a linear layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdapterPlan {
    pub(super) rank: usize,
    pub(super) scale: f32,
    pub(super) mask: Option<Mask>,
    /// Where its numbers begin in a row of all adapters' numbers.
    pub(super) column: usize,
}

/// A linear layer of a block in one pass.
#[derive(Clone, Copy)]
pub(super) struct LinearRun<'a> {
    pub(super) weights: &'a LinearParts<&'a [f32]>,
    pub(super) adapter: Option<AdapterPlan>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

impl Adapters {
    /// Gives every adapter its place among the inner numbers of a row.
    pub(super) fn placed(mut self) -> Self {
        for adapter in [&mut self.key, &mut self.value].into_iter().flatten() {
            adapter.column = self.token_width;
            self.token_width += adapter.rank;
            self.drops |= adapter.mask.is_some();
        }
        let of_rows = [&mut self.query, &mut self.output, &mut self.gate, &mut self.inward, &mut self.outward];
        for adapter in of_rows.into_iter().flatten() {
            adapter.column = self.row_width;
            self.row_width += adapter.rank;
            self.drops |= adapter.mask.is_some();
        }
        self
    }
}

impl<'a> BlockRun<'a> {
    pub(super) fn hidden(&self) -> usize {
        self.plan.settings.hidden_size
    }

    pub(super) fn inner(&self) -> usize {
        self.plan.settings.intermediate_size
    }

    pub(super) fn query_width(&self) -> usize {
        self.plan.settings.attention_width()
    }

    pub(super) fn key_width(&self) -> usize {
        self.plan.settings.key_value_width()
    }

    /// How many rows the block gives.
    pub(super) fn rows(&self) -> usize {
        self.sequences.rows(self.wanted)
    }

    pub(super) fn query(&self) -> LinearRun<'a> {
        LinearRun {
            weights: &self.weights.query,
            adapter: self.plan.adapters.query,
            inputs: self.hidden(),
            outputs: self.query_width(),
        }
    }

    pub(super) fn key(&self) -> LinearRun<'a> {
        LinearRun {
            weights: &self.weights.key,
            adapter: self.plan.adapters.key,
            inputs: self.hidden(),
            outputs: self.key_width(),
        }
    }

    pub(super) fn value(&self) -> LinearRun<'a> {
        LinearRun {
            weights: &self.weights.value,
            adapter: self.plan.adapters.value,
            inputs: self.hidden(),
            outputs: self.key_width(),
        }
    }

    pub(super) fn output(&self) -> LinearRun<'a> {
        LinearRun {
            weights: &self.weights.output,
            adapter: self.plan.adapters.output,
            inputs: self.query_width(),
            outputs: self.hidden(),
        }
    }

    pub(super) fn gate(&self) -> Option<LinearRun<'a>> {
        let gate = self.weights.gate.as_ref()?;
        Some(LinearRun {
            weights: gate,
            adapter: self.plan.adapters.gate,
            inputs: self.hidden(),
            outputs: self.inner(),
        })
    }

    pub(super) fn inward(&self) -> LinearRun<'a> {
        LinearRun {
            weights: &self.weights.inward,
            adapter: self.plan.adapters.inward,
            inputs: self.hidden(),
            outputs: self.inner(),
        }
    }

    pub(super) fn outward(&self) -> LinearRun<'a> {
        LinearRun {
            weights: &self.weights.outward,
            adapter: self.plan.adapters.outward,
            inputs: self.inner(),
            outputs: self.hidden(),
        }
    }

    /// Drops elements of the rows from `first` on, `[rows, width]`.
    pub(super) fn drop_in_rows(&self, mask: Option<Mask>, first: usize, width: usize, values: &mut [f32]) {
        let Some(mask) = mask else { return };
        match self.wanted {
            Wanted::All => drop_elements(mask, first * width, values),
            Wanted::First => {
                for (row, values) in (first..).zip(values.chunks_exact_mut(width)) {
                    drop_elements(mask, self.sequences.token(row, Wanted::First) * width, values);
                }
            }
        }
    }
}

/// Drops elements of a tensor, of which `values` are those from `first` on.
pub(super) fn drop_elements(mask: Mask, first: usize, values: &mut [f32]) {
    dropout_slice(mask.stream(), first as u64, mask.threshold(), mask.scale() as f32, values);
}
