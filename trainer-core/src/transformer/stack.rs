//! Blocks one after the other, on the fastest way that covers them.

use candle_core::Tensor;

use super::block::{Block, Pass};
use super::fused::{self, Pool, Wanted};
use crate::error::Result;
use crate::tensor::way::{self, Way};

/// The blocks of a model. On the CPU in `f32` they run as one operation that is written out by hand; anywhere else, each
/// by its own operations.
#[derive(Clone, Debug)]
pub struct Stack {
    blocks: Vec<Block>,
    pool: Pool,
}

impl Stack {
    /// Blocks in their order.
    pub fn new(blocks: Vec<Block>) -> Self {
        Self { blocks, pool: Pool::default() }
    }

    /// The blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The rows of the tokens that are wanted after the last block: `[tokens, hidden]` or, of the first token of each
    /// sequence alone, `[batch, hidden]`. `hidden`: one row for each real token.
    ///
    /// # Errors
    /// As [`Block::forward`].
    pub fn forward(&self, hidden: &Tensor, pass: &Pass<'_>, wanted: Wanted) -> Result<Tensor> {
        let way = way::now();
        if way.way == Way::Fused
            && let Some(rows) = fused::forward(&self.blocks, hidden, pass, wanted, way.recomputes, &self.pool)?
        {
            return Ok(rows);
        }
        let mut hidden = hidden.clone();
        for block in &self.blocks {
            hidden = block.forward(&hidden, pass)?;
        }
        match wanted {
            Wanted::All => Ok(hidden),
            Wanted::First => pass.layout.first(&hidden),
        }
    }
}
