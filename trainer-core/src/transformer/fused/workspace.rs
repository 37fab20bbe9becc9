//! The memory of a pass: what is kept for the way back, and room to work in. It is used again by the next pass.

use std::sync::{Arc, Mutex, PoisonError};

/// Numbers that grow to the most that was asked for and stay.
#[derive(Debug, Default)]
pub(super) struct Buffer(Vec<f32>);

impl Buffer {
    /// Room for so many numbers; what they are is left over from before, or zeros where the room grew.
    pub(super) fn of(&mut self, count: usize) -> &mut [f32] {
        if self.0.len() < count {
            // Exactly: the next longer batch may never come, and the step that meets it pays once. The old memory goes
            // first, so that both are never there together.
            self.0 = Vec::new();
            self.0 = vec![0.0; count];
        }
        &mut self.0[..count]
    }

    /// The numbers that were written, `count` of them.
    pub(super) fn get(&self, count: usize) -> &[f32] {
        &self.0[..count]
    }
}

/// What the way back through a stage needs again.
#[derive(Debug, Default)]
pub(super) struct Saved {
    /// What the stage was given, `[tokens, hidden]`.
    pub(super) input: Buffer,
    /// Of the tokens that the stage gives rows for, if not for all: what it was given and what queries are made of.
    pub(super) input_rows: Buffer,
    pub(super) query_input: Buffer,
    /// `[rows, query width]`, and keys and values `[key tokens, 2 · key width]`.
    pub(super) query: Buffer,
    pub(super) key_value: Buffer,
    /// What attention gathered, `[rows, query width]`, and the logarithms of its sums, `[rows, heads]`.
    pub(super) gathered: Buffer,
    pub(super) sums: Buffer,
    /// After attention, with what came before it, `[rows, hidden]`; the same after the feed-forward layers.
    pub(super) after_attention: Buffer,
    pub(super) after_feed_forward: Buffer,
    /// Mean and inverse deviation of the rows of both norms.
    pub(super) attention_statistics: Statistics,
    pub(super) output_statistics: Statistics,
    /// Before the activation, `[rows, intermediate]`; what is activated, if that is another layer's.
    pub(super) inner: Buffer,
    pub(super) gate: Buffer,
    /// Between the products of adapters.
    pub(super) adapter_tokens: Buffer,
    pub(super) adapter_rows: Buffer,
}

/// The mean and the inverse deviation of each row of a norm.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    pub(super) means: Buffer,
    pub(super) scales: Buffer,
}

/// Room that every stage of a pass works in.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) normed_tokens: Buffer,
    pub(super) normed_rows: Buffer,
    pub(super) activated: Buffer,
    pub(super) attention: Buffer,
    pub(super) dropped: Buffer,
    pub(super) of_output: Buffer,
    pub(super) of_sum: Buffer,
    pub(super) of_added: Buffer,
    pub(super) of_inner: Buffer,
    pub(super) of_gate: Buffer,
    pub(super) of_normed: Buffer,
    pub(super) of_after_attention: Buffer,
    pub(super) of_attended: Buffer,
    pub(super) of_gathered: Buffer,
    pub(super) of_query: Buffer,
    pub(super) of_key_value: Buffer,
    pub(super) of_tokens: Buffer,
    pub(super) of_query_input: Buffer,
    pub(super) adapter_tokens: Buffer,
    pub(super) adapter_rows: Buffer,
    /// Of what is added to the scores, and of the source's rows: every stage adds to them.
    pub(super) of_relative: Buffer,
    pub(super) of_source: Buffer,
    pub(super) statistics: Statistics,
}

/// The memory of a pass.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// Of each stage; of one alone if nothing is kept, or only what stages were given.
    pub(super) saved: Vec<Saved>,
    /// What each stage was given, if that is all that is kept.
    pub(super) inputs: Vec<Buffer>,
    pub(super) scratch: Scratch,
    pub(super) result: Buffer,
}

/// Workspaces that no pass uses now.
#[derive(Clone, Debug, Default)]
pub(in crate::transformer) struct Pool(Arc<Mutex<Vec<Workspace>>>);

/// A workspace for one pass, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Lease {
    workspace: Option<Workspace>,
    pool: Pool,
}

impl Pool {
    /// A workspace that was used before if there is one.
    pub(super) fn lease(&self) -> Lease {
        let workspace = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Lease { workspace: Some(workspace), pool: self.clone() }
    }
}

impl Lease {
    pub(super) fn workspace(&mut self) -> &mut Workspace {
        self.workspace.get_or_insert_default()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(workspace) = self.workspace.take() {
            self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        }
    }
}
