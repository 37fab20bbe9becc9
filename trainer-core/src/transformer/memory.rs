//! How much memory a training step needs beside the parameters: what the backward pass must find again.
//!
//! What comes in: the sizes of the blocks, the rows of a batch and their length. What goes out: numbers that are held at
//! once, for each of the two ways in which blocks are computed. The compiler computes with it too.

use crate::args::ComputeDevice;

/// The sizes that the memory of a training step follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockSizes {
    /// Blocks.
    pub blocks: usize,
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// Attention heads of a block.
    pub attention_heads: usize,
    /// Numbers of each token's keys, and of its values: the hidden size, or less where several heads share theirs.
    pub key_value_size: usize,
    /// Layers that make the inner numbers of the feed-forward layers: two where one of them is a gate.
    pub inner_layers: usize,
    /// Ids of the vocabulary.
    pub vocabulary: usize,
}

/// The way in which blocks are computed, which decides what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComputedBy {
    /// By operations of candle, on any device; a batch as a whole, with what every operation gives.
    Reference,
    /// By forward and backward passes written by hand, on the processor; pass by pass, with what backward needs.
    Fused,
}

/// The way in which blocks of these sizes are computed on a device. While compiling, the device is the one that the
/// attribute names or the argument's default; a run that is given another one counts again with that.
pub const fn computed_by(_device: ComputeDevice, _sizes: &BlockSizes) -> ComputedBy {
    ComputedBy::Reference
}

/// What blocks keep for the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// All that backward needs.
    Everything,
    /// Their input alone, with `gradient_checkpointing`: one block at a time is computed again.
    Inputs,
}

/// How many of `rows` rows of `length` tokens are computed at once: whole ones, as many as stay within `tokens` tokens, and
/// at least one.
pub const fn rows_at_once(rows: usize, length: usize, tokens: usize) -> usize {
    if length == 0 || rows.saturating_mul(length) <= tokens {
        return rows;
    }
    let within = tokens / length;
    if within == 0 { 1 } else { within }
}

/// Tensors of `[tokens, hidden]` that a fused block keeps: its input, the queries, what attention gathers, and the sums
/// before its two norms.
const FUSED_HIDDEN: usize = 5;
/// Numbers of a token that a fused block keeps besides: the mean and the deviation of two norms.
const FUSED_NORMS: usize = 4;
/// Tensors of `[tokens, hidden]` that the embeddings keep for fused blocks: their sum and what dropout left of its norm.
const FUSED_EMBEDDINGS: usize = 2;

/// Numbers of a token that a fused block keeps: beside those above keys and values, the inner numbers before their
/// activation, and the log-sum-exp of each head's scores. The scores themselves are computed again.
const fn fused_width(sizes: &BlockSizes) -> usize {
    let hidden = sizes.hidden_size.saturating_mul(FUSED_HIDDEN);
    let inner = sizes.intermediate_size.saturating_mul(sizes.inner_layers);
    hidden
        .saturating_add(sizes.key_value_size.saturating_mul(2))
        .saturating_add(inner)
        .saturating_add(sizes.attention_heads + FUSED_NORMS)
}

/// Numbers that a training step with fused blocks holds beside parameters, gradients and optimiser state, for `rows` rows
/// of `length` tokens that are computed at once, none of them padding. Going forward or backward, one block has as much
/// again to compute with.
pub const fn fused_activation_numbers(sizes: &BlockSizes, rows: usize, length: usize, keeps: Keeps) -> usize {
    let tokens = rows.saturating_mul(length);
    let width = fused_width(sizes);
    let embeddings = sizes.hidden_size.saturating_mul(FUSED_EMBEDDINGS);
    let blocks = match keeps {
        Keeps::Everything => width.saturating_mul(sizes.blocks),
        Keeps::Inputs => sizes.hidden_size.saturating_mul(sizes.blocks).saturating_add(width),
    };
    let kept = tokens.saturating_mul(blocks.saturating_add(embeddings));
    let scratch = tokens.saturating_mul(width);
    let table = table_passing(sizes);
    kept.saturating_add(if scratch > table { scratch } else { table })
}

/// Numbers that the gradient of the table of words takes while it is added up.
const fn table_passing(sizes: &BlockSizes) -> usize {
    sizes.vocabulary.saturating_mul(sizes.hidden_size).saturating_mul(TABLE_PASSING)
}

/// Tensors of `[tokens, hidden]` that a reference block keeps: query, key and value with their bias added, laid out by sequence and
/// by head (12) and one scaled (1), what attention gathers in two layouts and packed (3), its projection with bias,
/// dropout, sum and norm (5), and the same after the feed-forward layers (5).
const HIDDEN_KEPT: usize = 26;
/// Tensors of `[tokens, intermediate]` that a reference block keeps: the product, with its bias, activated.
const INTERMEDIATE_KEPT: usize = 3;
/// Tensors of `[rows, heads, length, length]` that a reference block keeps: scores, with padding hidden, as shares, after dropout;
/// and the gradient of what hides padding, which nothing asks for.
const SCORES_KEPT: usize = 5;
/// Tensors of `[tokens, hidden]` that the embeddings keep: of words, types and positions, two sums, norm, dropout.
const EMBEDDINGS_KEPT: usize = 7;
/// Gradients of `[tokens, intermediate]` and of `[rows, heads, length, length]` that are there at once while one block
/// goes backward.
const INTERMEDIATE_PASSING: usize = 6;
const SCORES_PASSING: usize = 4;
/// Copies of the table of words while its gradient is added up.
const TABLE_PASSING: usize = 2;

/// Numbers that a training step with reference blocks holds beside parameters, gradients and optimiser state, for a batch
/// of `rows` rows of `length` tokens, with padding and dropout.
pub const fn activation_numbers(sizes: &BlockSizes, rows: usize, length: usize) -> usize {
    let tokens = rows.saturating_mul(length);
    let hidden = tokens.saturating_mul(sizes.hidden_size);
    let intermediate = tokens.saturating_mul(sizes.intermediate_size);
    let scores = tokens.saturating_mul(length).saturating_mul(sizes.attention_heads);
    let block = hidden
        .saturating_mul(HIDDEN_KEPT)
        .saturating_add(intermediate.saturating_mul(INTERMEDIATE_KEPT))
        .saturating_add(scores.saturating_mul(SCORES_KEPT));
    let kept = block.saturating_mul(sizes.blocks).saturating_add(hidden.saturating_mul(EMBEDDINGS_KEPT));
    let passing =
        intermediate.saturating_mul(INTERMEDIATE_PASSING).saturating_add(scores.saturating_mul(SCORES_PASSING));
    let table = table_passing(sizes);
    kept.saturating_add(if passing > table { passing } else { table })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// all-MiniLM-L6-v2 without its table.
    const SMALL: BlockSizes = BlockSizes {
        blocks: 6,
        hidden_size: 384,
        intermediate_size: 1536,
        attention_heads: 12,
        key_value_size: 384,
        inner_layers: 1,
        vocabulary: 0,
    };

    #[test]
    fn memory_grows_with_rows_and_faster_with_length() {
        let sizes = SMALL;
        let base = activation_numbers(&sizes, 16, 128);
        assert_eq!(activation_numbers(&sizes, 32, 128), 2 * base);
        assert!(activation_numbers(&sizes, 16, 256) > 2 * base);
        assert_eq!(activation_numbers(&sizes, usize::MAX, 2), usize::MAX);
    }

    #[test]
    fn fused_blocks_take_memory_by_the_token() {
        let numbers = |rows, length| fused_activation_numbers(&SMALL, rows, length, Keeps::Everything);
        assert_eq!(numbers(16, 256), numbers(32, 128));
        assert_eq!(numbers(32, 256), 2 * numbers(16, 256));
        assert!(numbers(16, 128) < activation_numbers(&SMALL, 16, 128) / 3);
        assert_eq!(numbers(usize::MAX, 2), usize::MAX);
        // Six blocks and one to compute with: 5 x 384 + 2 x 384 + 1536 + 12 + 4 a token; and twice 384 of the embeddings.
        assert_eq!(numbers(1, 1), 7 * 4240 + 768);
    }

    #[test]
    fn a_gate_and_shared_keys_are_counted() {
        let grouped = BlockSizes { key_value_size: 128, inner_layers: 2, ..SMALL };
        let difference = (1536 - 2 * 256) * 7;
        let numbers = |sizes| fused_activation_numbers(sizes, 1, 1, Keeps::Everything);
        assert_eq!(numbers(&grouped), numbers(&SMALL) + difference);
    }

    #[test]
    fn inputs_alone_are_kept_with_one_block_in_full() {
        let numbers = fused_activation_numbers(&SMALL, 1, 1, Keeps::Inputs);
        assert_eq!(numbers, 6 * 384 + 2 * 4240 + 768);
    }

    #[test]
    fn whole_rows_are_computed_at_once_and_at_least_one() {
        assert_eq!(rows_at_once(64, 512, 4096), 8);
        assert_eq!(rows_at_once(64, 500, 4096), 8);
        assert_eq!(rows_at_once(8, 512, 4096), 8);
        assert_eq!(rows_at_once(64, 512, 100), 1);
        assert_eq!(rows_at_once(usize::MAX, 512, 4096), 8);
        assert_eq!(rows_at_once(64, 0, 4096), 64);
    }
}
