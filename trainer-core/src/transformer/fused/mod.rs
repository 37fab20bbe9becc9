//! Blocks written out for the CPU: forward and backward on slices, over real tokens alone, as one operation of candle.
//!
//! What comes in: rows of real tokens, `[tokens, hidden]`, and blocks. What goes out: the rows after the last block, of all
//! tokens or of those that somebody looks at. It computes what the blocks' own operations compute
//! ([`Block::forward`](super::Block::forward)) and draws the same masks. Gradients of parameters go straight to where
//! the run gathers them, or through the graph to candle's store. It does not cover other devices and types of numbers,
//! sequences with holes, and adapters that train lengths: those are for the blocks' own operations.
//!
//! Threads share rows, heads and rows of weights. Every number is a sum in an order that does not depend on the shares, so
//! that the bits are the same for any number of threads.

mod after_attention;
mod attention;
mod backward;
mod elementwise;
mod forward;
mod held;
mod linear;
mod link;
mod operation;
mod parallel;
mod parts;
mod plan;
mod rotary;
mod sequences;
#[cfg(test)]
mod tests;
mod workspace;

pub(super) use operation::forward;
pub use sequences::Wanted;
pub(super) use workspace::Pool;
