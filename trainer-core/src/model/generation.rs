//! Text that a model writes, token by token.
//!
//! What comes in: prompts as token ids, and a [`GenerationConfig`]. What goes out: the tokens that the model writes after
//! each. A model says how it reads a prompt and one token more ([`Generate`]); the searches are written once, for all. It
//! refuses prompts without a token, ids that the model does not know, and texts longer than its positions.

use candle_core::Tensor;

use super::Model;
use crate::error::Result;

/// A model that can write: it reads prompts once, then one token of each row at a time, and keeps what it has read.
///
/// Scores are numbers for each id of the vocabulary, `[rows, vocabulary]`, for the token that comes next.
pub trait Generate: Model + Sized {
    /// What is kept of the tokens that were read: keys and values, and of a source what the decoder asks it for.
    type Memory;

    /// Reads the prompts, all at once, whatever their lengths; of a model with an encoder they are the sources, and its
    /// decoder reads its first token.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) for a prompt that the model cannot read.
    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<Self::Memory>>;

    /// Reads one token more of each row, and gives the scores of the next.
    ///
    /// # Errors
    /// If there is not one token for each row.
    fn step(&self, memory: &mut Self::Memory, tokens: &[u32]) -> Result<Tensor>;

    /// Keeps these rows of what was read, in this order: rows of texts that have ended are left out, and a row that goes on
    /// in several ways is there several times.
    ///
    /// # Errors
    /// For a row that is not there.
    fn select(&self, memory: &mut Self::Memory, rows: &[u32]) -> Result<()>;
}

/// Prompts that were read.
#[derive(Clone, Debug)]
pub struct Begun<M> {
    /// What is kept of them, a row for each prompt.
    pub memory: M,
    /// The scores of the first token that is written, `[prompts, vocabulary]`.
    pub scores: Tensor,
    /// How many tokens more each row can read, if there is an end to it.
    pub room: Option<usize>,
    /// What stands before it in each row: the prompt, or the first token of a decoder. Repetitions are counted with it.
    pub read: Vec<Vec<u32>>,
}
