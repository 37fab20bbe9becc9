//! The transformer block, one for all families.
//!
//! What comes in: the real tokens of a batch, one row each, `[tokens, hidden]`. What goes out: the same rows after
//! attention and the feed-forward layers. Padding is never computed but inside of the attention's scores, and its
//! weight there is zero.

mod block;
mod layout;
mod memory;

pub use block::{Block, BlockNames, BlockSettings, heads_share_the_hidden_size};
pub use layout::TokenLayout;
pub use memory::{
    BlockSizes, ComputedBy, Keeps, activation_numbers, computed_by, fused_activation_numbers, rows_at_once,
};
