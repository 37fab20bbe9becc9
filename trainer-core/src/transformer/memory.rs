//! How much memory a training step needs beside the parameters: what the backward pass must find again.
//!
//! What comes in: the sizes of the blocks, the rows of a batch and their length. What goes out: numbers that are held at
//! once, counted over the tensors of [`Block`](super::Block) with padding and dropout. The compiler computes with it too.

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
    /// Ids of the vocabulary.
    pub vocabulary: usize,
}

/// Tensors of `[tokens, hidden]` that a block keeps: query, key and value with their bias added, laid out by sequence and
/// by head (12) and one scaled (1), what attention gathers in two layouts and packed (3), its projection with bias,
/// dropout, sum and norm (5), and the same after the feed-forward layers (5).
const HIDDEN_KEPT: usize = 26;
/// Tensors of `[tokens, intermediate]` that a block keeps: the product, with its bias, activated.
const INTERMEDIATE_KEPT: usize = 3;
/// Tensors of `[rows, heads, length, length]` that a block keeps: scores, with padding hidden, as shares, after dropout;
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

/// Numbers that a training step holds beside parameters, gradients and optimiser state, for a batch of `rows` rows of
/// `length` tokens.
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
    let table = sizes.vocabulary.saturating_mul(sizes.hidden_size).saturating_mul(TABLE_PASSING);
    kept.saturating_add(if passing > table { passing } else { table })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_with_rows_and_faster_with_length() {
        let sizes =
            BlockSizes { blocks: 6, hidden_size: 384, intermediate_size: 1536, attention_heads: 12, vocabulary: 0 };
        let base = activation_numbers(&sizes, 16, 128);
        assert_eq!(activation_numbers(&sizes, 32, 128), 2 * base);
        assert!(activation_numbers(&sizes, 16, 256) > 2 * base);
        assert_eq!(activation_numbers(&sizes, usize::MAX, 2), usize::MAX);
    }
}
