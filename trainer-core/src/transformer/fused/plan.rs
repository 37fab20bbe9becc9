//! What a stage computes in one pass: sizes, masks, and where its adapters' inner rows stand.
//!
//! A stage is attention, with the feed-forward layers that may follow, and the norm of each. A block is one stage; a
//! decoder's block that looks at a source is two: attention over its own tokens, then attention over the source's with the
//! feed-forward layers.

use super::parts::{FeedForwardParts, LinearParts, NormParts, StageParts};
use super::rotary::Angles;
use super::sequences::{Sequences, Wanted};
use crate::nn::Mask;
use crate::tensor::kernels::dropout::dropout_slice;
use crate::transformer::{BlockSettings, NormPlace};

/// A stage's sizes and masks, and the slices of its parameters.
#[derive(Clone, Copy)]
pub(super) struct StageRun<'a> {
    pub(super) plan: &'a StagePlan,
    pub(super) weights: &'a StageParts<&'a [f32]>,
    /// The tokens that ask, and those that are asked: of the same sequences, or of the sources.
    pub(super) sequences: &'a Sequences,
    pub(super) keys: &'a Sequences,
    /// The rows of a source's tokens, `[key tokens, hidden]`, if they are asked.
    pub(super) source: Option<&'a [f32]>,
    pub(super) wanted: Wanted,
    /// Added to the scores, `[heads, length, length]`.
    pub(super) relative: Option<&'a [f32]>,
    /// Of each column, if positions are rotary.
    pub(super) angles: Option<&'a Angles>,
}

/// What a stage computes.
#[derive(Clone, Debug)]
pub(super) struct StagePlan {
    /// Of its block; positions and direction are those of its own attention.
    pub(super) settings: BlockSettings,
    /// Whether it looks at a source.
    pub(super) reads_source: bool,
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

/// The adapters of a stage, by layer.
#[derive(Clone, Copy, Debug, Default)]
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

/// The feed-forward layers of a stage in one pass, and their norm.
#[derive(Clone, Copy)]
pub(super) struct FeedForwardRun<'a> {
    pub(super) gate: Option<LinearRun<'a>>,
    pub(super) inward: LinearRun<'a>,
    pub(super) outward: LinearRun<'a>,
    pub(super) norm: &'a NormParts<&'a [f32]>,
}

/// A linear layer of a stage in one pass.
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

impl<'a> StageRun<'a> {
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

    /// How many rows the stage gives.
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

    /// The feed-forward layers, if the stage has some.
    pub(super) fn feed_forward(&self) -> Option<FeedForwardRun<'a>> {
        let FeedForwardParts { gate, inward, outward, norm } = self.weights.feed_forward.as_ref()?;
        let (hidden, inner) = (self.hidden(), self.inner());
        let to_inner = |weights, adapter| LinearRun { weights, adapter, inputs: hidden, outputs: inner };
        let Adapters { gate: of_gate, inward: of_inward, outward: of_outward, .. } = self.plan.adapters;
        Some(FeedForwardRun {
            gate: gate.as_ref().map(|gate| to_inner(gate, of_gate)),
            inward: to_inner(inward, of_inward),
            outward: LinearRun { weights: outward, adapter: of_outward, inputs: inner, outputs: hidden },
            norm,
        })
    }

    /// Whether norms come behind what is added.
    pub(super) fn is_after(&self) -> bool {
        self.plan.settings.norm_place == NormPlace::After
    }

    /// Whether norms have means.
    pub(super) fn has_means(&self) -> bool {
        self.weights.norm.bias.is_some()
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
