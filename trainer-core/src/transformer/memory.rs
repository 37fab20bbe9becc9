//! How much memory a training step needs beside the parameters: what the backward pass must find again.
//!
//! What comes in: the sizes of the blocks, the rows of a batch and their length. What goes out: numbers that are held at
//! once, for each of the two ways in which blocks are computed. The compiler computes with it too.

use super::fused::Wanted;
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
    /// Positions that have a row of their own in a table.
    pub positions: usize,
    /// The rows that the model's head looks at: the last block computes no others.
    pub wanted: Wanted,
}

/// The way in which blocks are computed, which decides what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComputedBy {
    /// By operations of candle, on any device; a batch as a whole, with what every operation gives.
    Reference,
    /// By forward and backward passes written by hand, on the processor; pass by pass, with what backward needs.
    Fused,
}

/// The way in which blocks are computed on a device; adapters that train lengths are not written by hand. While
/// compiling, the device is the one that the attribute names or the argument's default; a run that is given another one
/// counts again with that.
pub const fn computed_by(device: ComputeDevice, trains_lengths: bool) -> ComputedBy {
    if matches!(device, ComputeDevice::Cpu) && !trains_lengths { ComputedBy::Fused } else { ComputedBy::Reference }
}

/// What adapters add to a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdapterSizes {
    /// Numbers of a token between the products of all adapters of a block: the sum of their ranks.
    pub width: usize,
    /// Whether they drop a part of what they see.
    pub drops: bool,
}

/// Rows that are computed at once by hand, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FusedPass {
    /// Rows.
    pub rows: usize,
    /// Tokens of each, none of them padding.
    pub length: usize,
    /// What blocks keep.
    pub keeps: Keeps,
    /// Whether the embeddings are trained, so that their tensors stay for the way back.
    pub trains_embeddings: bool,
    /// The adapters of each block.
    pub adapters: AdapterSizes,
    /// Threads, each with room for some scores.
    pub threads: usize,
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

/// Tensors of `[rows, hidden]` that a fused block keeps: the queries, what attention gathers, and the sums before its two
/// norms. With the input of all tokens it is one more; a block that gives some tokens' rows alone copies two of theirs.
const KEPT_OF_ROWS: usize = 4;
const KEPT_OF_WANTED_ROWS: usize = 2;
/// Numbers of a row that a fused block keeps besides: the mean and the deviation of two norms.
const KEPT_OF_NORMS: usize = 4;
/// Tensors of `[tokens, hidden]` that fused blocks compute with: the norm's rows, the gradients of the output, of the last
/// sum twice (before and after dropout), of the norm's rows, of the sum after attention twice, of what attention gathers,
/// of queries, of the input; and the result.
const SCRATCH: usize = 11;
/// Tensors of `[tokens, intermediate]` among them, beside one for each inner layer's gradient: what is activated.
const SCRATCH_INNER: usize = 1;
/// Tensors of `[tokens, hidden]` that trained embeddings keep in candle's graph: of words, types and positions, two sums,
/// norm, dropout; and their gradients that are there at once: one that came, two that it became, and a sum with its zeros.
const EMBEDDINGS_KEPT: usize = 7;
const EMBEDDINGS_PASSING: usize = 5;
/// The same for embeddings that nobody goes back to: of words and types, their sum, and of positions.
const EMBEDDINGS_FROZEN: usize = 4;
/// Queries whose scores a thread has at once, and how often: shares, gradients, and what dropout left.
const QUERIES: usize = 64;
const SCORES_AT_ONCE: usize = 3;

/// Numbers that a fused block keeps of `tokens` tokens of which it gives `rows`: beside the tensors above keys and values,
/// the inner numbers before their activation, and the log-sum-exp of each head's scores. The scores are computed again.
const fn fused_kept(sizes: &BlockSizes, pass: &FusedPass, tokens: usize, rows: usize, hidden_of_rows: usize) -> usize {
    let of_tokens = sizes.hidden_size.saturating_add(sizes.key_value_size.saturating_mul(2));
    let of_rows = sizes
        .hidden_size
        .saturating_mul(hidden_of_rows)
        .saturating_add(sizes.intermediate_size.saturating_mul(sizes.inner_layers))
        .saturating_add(sizes.attention_heads + KEPT_OF_NORMS)
        .saturating_add(pass.adapters.width);
    tokens.saturating_mul(of_tokens).saturating_add(rows.saturating_mul(of_rows))
}

/// Numbers that fused blocks compute with, one block after the other in the same room: the tensors above, the gradients of
/// keys and values, two numbers of a norm, the scores of each thread, and what adapters see if that is not what layers do.
const fn fused_scratch(sizes: &BlockSizes, pass: &FusedPass) -> usize {
    let inner = sizes.intermediate_size.saturating_mul(SCRATCH_INNER.saturating_add(sizes.inner_layers));
    let wider = if sizes.intermediate_size > sizes.hidden_size { sizes.intermediate_size } else { sizes.hidden_size };
    let of_token = sizes
        .hidden_size
        .saturating_mul(SCRATCH)
        .saturating_add(sizes.key_value_size.saturating_mul(2))
        .saturating_add(inner)
        .saturating_add(2)
        .saturating_add(pass.adapters.width)
        .saturating_add(if pass.adapters.drops { wider } else { 0 });
    let queries = if pass.length < QUERIES { pass.length } else { QUERIES };
    let scores = queries.saturating_mul(pass.length).saturating_mul(SCORES_AT_ONCE);
    pass.rows.saturating_mul(pass.length).saturating_mul(of_token).saturating_add(scores.saturating_mul(pass.threads))
}

/// Numbers that a training step with fused blocks holds beside parameters, gradients and optimiser state, for rows that are
/// computed at once. Counted for norms after the parts of a block, as the families of this version have them; the tensors
/// of the head, a row for each sequence, are left out.
pub const fn fused_activation_numbers(sizes: &BlockSizes, pass: &FusedPass) -> usize {
    let tokens = pass.rows.saturating_mul(pass.length);
    let block = fused_kept(sizes, pass, tokens, tokens, KEPT_OF_ROWS);
    let last = match sizes.wanted {
        Wanted::All => block,
        Wanted::First => fused_kept(sizes, pass, tokens, pass.rows, KEPT_OF_ROWS + KEPT_OF_WANTED_ROWS),
    };
    let hidden = tokens.saturating_mul(sizes.hidden_size);
    let blocks = match pass.keeps {
        Keeps::Everything => block.saturating_mul(sizes.blocks.saturating_sub(1)).saturating_add(last),
        Keeps::Inputs => hidden.saturating_mul(sizes.blocks).saturating_add(block),
    };
    let embeddings = if pass.trains_embeddings { EMBEDDINGS_KEPT + EMBEDDINGS_PASSING } else { EMBEDDINGS_FROZEN };
    blocks.saturating_add(fused_scratch(sizes, pass)).saturating_add(hidden.saturating_mul(embeddings))
}

/// Numbers in the rows of the tables of words and positions that have no gradient in an update of `tokens` tokens in rows
/// of `length`, on the way by hand: a gradient has the rows that occur.
pub const fn untouched_table_numbers(sizes: &BlockSizes, tokens: usize, length: usize) -> usize {
    let rows = sizes.vocabulary.saturating_sub(tokens).saturating_add(sizes.positions.saturating_sub(length));
    rows.saturating_mul(sizes.hidden_size)
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

    /// all-MiniLM-L6-v2 without its tables.
    const SMALL: BlockSizes = BlockSizes {
        blocks: 6,
        hidden_size: 384,
        intermediate_size: 1536,
        attention_heads: 12,
        key_value_size: 384,
        inner_layers: 1,
        vocabulary: 0,
        positions: 0,
        wanted: Wanted::All,
    };

    #[test]
    fn memory_grows_with_rows_and_faster_with_length() {
        let sizes = SMALL;
        let base = activation_numbers(&sizes, 16, 128);
        assert_eq!(activation_numbers(&sizes, 32, 128), 2 * base);
        assert!(activation_numbers(&sizes, 16, 256) > 2 * base);
        assert_eq!(activation_numbers(&sizes, usize::MAX, 2), usize::MAX);
    }

    /// Without threads, so that every number belongs to a token.
    fn pass(rows: usize, length: usize) -> FusedPass {
        let (keeps, adapters) = (Keeps::Everything, AdapterSizes::default());
        FusedPass { rows, length, keeps, trains_embeddings: true, adapters, threads: 0 }
    }

    /// 5 x 384 + 2 x 384 + 1536 + 12 + 4 of a token.
    const KEPT: usize = 4240;
    /// 11 x 384 + 2 x 384 + 2 x 1536 + 2 of a token.
    const ROOM: usize = 8066;

    #[test]
    fn fused_blocks_take_memory_by_the_token() {
        let numbers = |rows, length| fused_activation_numbers(&SMALL, &pass(rows, length));
        assert_eq!(numbers(16, 256), numbers(32, 128));
        assert_eq!(numbers(32, 256), 2 * numbers(16, 256));
        assert!(numbers(16, 128) < activation_numbers(&SMALL, 16, 128) / 3);
        assert_eq!(numbers(usize::MAX, 2), usize::MAX);
        assert_eq!(numbers(1, 1), 6 * KEPT + ROOM + 12 * 384);
    }

    #[test]
    fn threads_have_room_for_the_scores_of_some_queries() {
        let numbers = |length, threads| fused_activation_numbers(&SMALL, &FusedPass { threads, ..pass(1, length) });
        assert_eq!(numbers(100, 2) - numbers(100, 0), 2 * 3 * 64 * 100);
        assert_eq!(numbers(10, 1) - numbers(10, 0), 3 * 10 * 10);
    }

    #[test]
    fn the_last_block_computes_the_rows_that_are_wanted() {
        let first = BlockSizes { wanted: Wanted::First, ..SMALL };
        let last = 8 * 3 * 384 + 6 * 384 + 1536 + 12 + 4;
        let difference = 8 * KEPT - last;
        let numbers = |sizes| fused_activation_numbers(sizes, &pass(1, 8));
        assert_eq!(numbers(&first), numbers(&SMALL) - difference);
    }

    #[test]
    fn a_gate_and_shared_keys_are_counted() {
        let grouped = BlockSizes { key_value_size: 128, inner_layers: 2, ..SMALL };
        let difference = (1536 - 2 * 256) * 7;
        let numbers = |sizes| fused_activation_numbers(sizes, &pass(1, 1));
        assert_eq!(numbers(&grouped), numbers(&SMALL) + difference);
    }

    #[test]
    fn inputs_alone_are_kept_with_one_block_in_full() {
        let numbers = fused_activation_numbers(&SMALL, &FusedPass { keeps: Keeps::Inputs, ..pass(1, 1) });
        assert_eq!(numbers, 6 * 384 + KEPT + ROOM + 12 * 384);
    }

    #[test]
    fn adapters_add_their_inner_numbers_and_what_they_drop() {
        let plain = FusedPass { trains_embeddings: false, ..pass(1, 1) };
        let adapters = AdapterSizes { width: 16, drops: true };
        let numbers = |pass| fused_activation_numbers(&SMALL, pass);
        assert_eq!(numbers(&plain), 6 * KEPT + ROOM + 4 * 384);
        assert_eq!(numbers(&FusedPass { adapters, ..plain }), numbers(&plain) + 7 * 16 + 1536);
    }

    #[test]
    fn a_gradient_of_a_table_has_the_rows_that_can_occur() {
        let tables = BlockSizes { vocabulary: 1000, positions: 512, ..SMALL };
        assert_eq!(untouched_table_numbers(&tables, 256, 64), (744 + 448) * 384);
        assert_eq!(untouched_table_numbers(&tables, 5000, 512), 0);
    }

    #[test]
    fn blocks_are_computed_by_hand_on_the_processor_unless_lengths_are_trained() {
        assert_eq!(computed_by(ComputeDevice::Cpu, false), ComputedBy::Fused);
        assert_eq!(computed_by(ComputeDevice::Cpu, true), ComputedBy::Reference);
        assert_eq!(computed_by(ComputeDevice::Cuda(0), false), ComputedBy::Reference);
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
