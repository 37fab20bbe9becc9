//! The transformer block, one for all families.
//!
//! What comes in: the real tokens of a batch, one row each, `[tokens, hidden]`. What goes out: the same rows after
//! attention and the feed-forward layers. Padding is never computed but inside of the attention's scores, and its
//! weight there is zero. The blocks of a decoder look at the rows of a [`Source`] too.

mod attention;
mod block;
mod cached;
mod cross;
mod fused;
mod layout;
mod memory;
mod noise;
mod norm;
mod relative;
mod rotary;
mod settings;
mod stack;

pub use crate::tensor::way::{Way, computing};
pub use block::{Block, Pass};
pub use cached::KeysAndValues;
pub use cross::Source;
pub use fused::Wanted;
pub use layout::TokenLayout;
pub use memory::{
    AdapterSizes, BlockSizes, ComputedBy, DecoderSizes, FusedPass, Keeps, ScoreSizes, activation_numbers, computed_by,
    fused_activation_numbers, rows_at_once, untouched_table_numbers, vocabulary_head_numbers,
};
pub use noise::noisy;
pub(crate) use norm::Norm;
pub use relative::RelativeBias;
pub use settings::{
    AttentionNames, Biases, BlockExtras, BlockNames, BlockSettings, CrossNames, Deviations, Direction, FeedForward,
    NormKind, NormPlace, Positions, Rotary, RotaryScaling, heads_share_keys_and_values, heads_share_the_hidden_size,
    rotary_heads_hold_pairs,
};
pub use stack::Stack;
