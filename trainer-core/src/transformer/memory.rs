//! How much memory a training step needs beside the parameters: what the backward pass must find again.
//!
//! What comes in: the sizes of the blocks, the rows of a batch and their length. What goes out: numbers that are held at
//! once, for each of the two ways in which blocks are computed. The compiler computes with it too.

use super::fused::Wanted;
use super::settings::NormPlace;
use crate::args::ComputeDevice;
use crate::tensor::kernels::linear_cross_entropy::CHUNK_SCORES;

/// The sizes that the memory of a training step follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockSizes {
    /// Blocks; of the encoder, where a decoder looks at what it gives.
    pub blocks: usize,
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// Attention heads of a block.
    pub attention_heads: usize,
    /// Numbers of each token's queries, and of what attention gathers for it: the hidden size in most families.
    pub query_size: usize,
    /// Numbers of each token's keys, and of its values: those of queries, or less where several heads share theirs.
    pub key_value_size: usize,
    /// Layers that make the inner numbers of the feed-forward layers: two where one of them is a gate.
    pub inner_layers: usize,
    /// Where the norms of a block stand.
    pub norm_place: NormPlace,
    /// Whether a number for each distance is added to the scores.
    pub has_relative_positions: bool,
    /// The decoder that looks at what these blocks give, if there is one.
    pub decoder: Option<DecoderSizes>,
    /// Ids of the vocabulary.
    pub vocabulary: usize,
    /// Positions that have a row of their own in a table.
    pub positions: usize,
    /// The rows that the model's head looks at: the last block computes no others.
    pub wanted: Wanted,
    /// The head over the vocabulary, if the model has one.
    pub scores: Option<ScoreSizes>,
}

/// The blocks of a decoder, where they differ from those of its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderSizes {
    /// Blocks.
    pub blocks: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// Attention heads of a block.
    pub attention_heads: usize,
}

/// A head over the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreSizes {
    /// Ids that it gives scores for.
    pub ids: usize,
    /// Whether its table is that of the words, whose gradient then has every row.
    pub is_tied: bool,
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

/// Numbers of a row for each norm that a fused block keeps the mean and the deviation of.
const KEPT_OF_A_NORM: usize = 2;
/// Tensors of `[rows, hidden]` that a block copies that gives some tokens' rows alone: what these were given, and what their
/// queries are made of.
const KEPT_OF_WANTED_ROWS: usize = 2;
/// Tensors of `[tokens, hidden]` that fused blocks compute with: the norm's rows, the gradients of the output, of the last
/// sum twice (before and after dropout), of the norm's rows, of the sum after attention twice, of the input; and the result.
const SCRATCH: usize = 9;
/// Tensors of `[tokens, queries]` among them: the gradients of what attention gathers, and of queries.
const SCRATCH_QUERIES: usize = 2;
/// Tensors of `[tokens, intermediate]` among them, beside one for each inner layer's gradient: what is activated.
const SCRATCH_INNER: usize = 1;
/// Tensors of `[tokens, hidden]` that trained embeddings keep in candle's graph: of words, types and positions, two sums,
/// norm, dropout; and their gradients that are there at once: one that came, two that it became, and a sum with its zeros.
const EMBEDDINGS_KEPT: usize = 7;
const EMBEDDINGS_PASSING: usize = 5;
/// The same for embeddings that nobody goes back to: of words and types, their sum, and of positions.
const EMBEDDINGS_FROZEN: usize = 4;
/// Tensors of `[tokens, hidden]` that the rows of a vocabulary's head take: those of the blocks, after the last norm, as the head
/// is given them, and their gradient.
const ROWS_OF_SCORES: usize = 4;
/// Tensors of `[heads, length, length]` that relative positions take: in the order of the table and in that of the scores,
/// each with its gradient, and what blocks add up.
const RELATIVE: usize = 5;
/// Queries whose scores a thread has at once, and how often: shares, gradients, and what dropout left.
const QUERIES: usize = 64;
const SCORES_AT_ONCE: usize = 3;

/// Attention with the feed-forward layers that may follow, as the fused way computes it: a block is one stage, the block of a
/// decoder that looks at a source two.
#[derive(Clone, Copy)]
struct Stage {
    /// Numbers of a row that its feed-forward layers keep, if it has some.
    inner: Option<usize>,
    /// Numbers of a row between the products of adapters.
    adapters: usize,
    attention_heads: usize,
    /// Tokens that keys and values are made of.
    keys: usize,
    /// Tokens that it is given.
    tokens: usize,
    /// Rows that it gives.
    rows: usize,
}

impl Stage {
    /// Numbers that it keeps: what it was given, queries and what attention gathers, keys and values, the inner numbers before
    /// their activation, the log-sum-exp of each head's scores, and the sums before norms. The scores are computed again.
    const fn kept(&self, sizes: &BlockSizes) -> usize {
        let is_after = matches!(sizes.norm_place, NormPlace::After);
        let (inner, layers) = match self.inner {
            Some(inner) => (inner, 1),
            None => (0, 0),
        };
        let sums = layers + is_after as usize;
        let copied = if self.rows < self.tokens { KEPT_OF_WANTED_ROWS } else { 0 };
        let of_row = sizes
            .hidden_size
            .saturating_mul(sums + copied)
            .saturating_add(sizes.query_size.saturating_mul(2))
            .saturating_add(inner)
            .saturating_add(self.attention_heads + KEPT_OF_A_NORM * (1 + layers))
            .saturating_add(self.adapters);
        self.tokens
            .saturating_mul(sizes.hidden_size)
            .saturating_add(self.keys.saturating_mul(sizes.key_value_size.saturating_mul(2)))
            .saturating_add(self.rows.saturating_mul(of_row))
    }
}

/// Numbers that the stages of a side compute with, one after the other in the same room: the tensors above, the gradients of
/// keys and values, two numbers of a norm, the scores of each thread, and what adapters see if that is not what layers do.
const fn fused_scratch(sizes: &BlockSizes, pass: &FusedPass, intermediate_size: usize) -> usize {
    let inner = intermediate_size.saturating_mul(SCRATCH_INNER.saturating_add(sizes.inner_layers));
    let wider = if intermediate_size > sizes.hidden_size { intermediate_size } else { sizes.hidden_size };
    // A norm that comes before has its rows of all tokens, too.
    let normed = matches!(sizes.norm_place, NormPlace::Before) as usize;
    let of_token = sizes
        .hidden_size
        .saturating_mul(SCRATCH + normed)
        .saturating_add(sizes.query_size.saturating_mul(SCRATCH_QUERIES))
        .saturating_add(sizes.key_value_size.saturating_mul(2))
        .saturating_add(inner)
        .saturating_add(2)
        .saturating_add(pass.adapters.width)
        .saturating_add(if pass.adapters.drops { wider } else { 0 });
    let queries = if pass.length < QUERIES { pass.length } else { QUERIES };
    let scores = queries.saturating_mul(pass.length).saturating_mul(SCORES_AT_ONCE);
    pass.rows.saturating_mul(pass.length).saturating_mul(of_token).saturating_add(scores.saturating_mul(pass.threads))
}

/// Numbers that the relative positions of a side take.
const fn relative_numbers(sizes: &BlockSizes, length: usize) -> usize {
    if !sizes.has_relative_positions {
        return 0;
    }
    length.saturating_mul(length).saturating_mul(sizes.attention_heads).saturating_mul(RELATIVE)
}

/// Numbers that a training step with fused blocks holds beside parameters, gradients and optimiser state, for rows that are
/// computed at once; a target is as long as its source. The tensors of a head over texts, a row for each sequence, are left
/// out, and so is the [`vocabulary_head_numbers`].
pub const fn fused_activation_numbers(sizes: &BlockSizes, pass: &FusedPass) -> usize {
    let tokens = pass.rows.saturating_mul(pass.length);
    let hidden = tokens.saturating_mul(sizes.hidden_size);
    let block = Stage {
        inner: Some(sizes.intermediate_size.saturating_mul(sizes.inner_layers)),
        adapters: pass.adapters.width,
        attention_heads: sizes.attention_heads,
        keys: tokens,
        tokens,
        rows: tokens,
    };
    let last = match sizes.wanted {
        Wanted::All => block,
        Wanted::First => Stage { rows: pass.rows, ..block },
    };
    let (block, last) = (block.kept(sizes), last.kept(sizes));
    let blocks = match pass.keeps {
        Keeps::Everything => block.saturating_mul(sizes.blocks.saturating_sub(1)).saturating_add(last),
        Keeps::Inputs => hidden.saturating_mul(sizes.blocks).saturating_add(block),
    };
    let embeddings = if pass.trains_embeddings { EMBEDDINGS_KEPT + EMBEDDINGS_PASSING } else { EMBEDDINGS_FROZEN };
    let decoder = match &sizes.decoder {
        Some(decoder) => fused_decoder_numbers(sizes, decoder, pass).saturating_add(hidden.saturating_mul(embeddings)),
        None => 0,
    };
    blocks
        .saturating_add(fused_scratch(sizes, pass, sizes.intermediate_size))
        .saturating_add(relative_numbers(sizes, pass.length))
        .saturating_add(hidden.saturating_mul(embeddings))
        .saturating_add(decoder)
}

/// The same of the blocks of a decoder: each is a stage over the target without feed-forward layers, and one over the source
/// with them. The gradient of the source's rows is there twice, where stages add to it and in candle's graph.
const fn fused_decoder_numbers(sizes: &BlockSizes, decoder: &DecoderSizes, pass: &FusedPass) -> usize {
    let tokens = pass.rows.saturating_mul(pass.length);
    let hidden = tokens.saturating_mul(sizes.hidden_size);
    // What adapters keep is shared out among the blocks of the encoder.
    let attention = Stage {
        inner: None,
        adapters: 0,
        attention_heads: decoder.attention_heads,
        keys: tokens,
        tokens,
        rows: tokens,
    };
    let inner = decoder.intermediate_size.saturating_mul(sizes.inner_layers);
    let cross = Stage { inner: Some(inner), ..attention };
    let kept = match pass.keeps {
        Keeps::Everything => {
            let block = attention.kept(sizes).saturating_add(cross.kept(sizes));
            block.saturating_mul(decoder.blocks)
        }
        Keeps::Inputs => hidden.saturating_mul(2).saturating_mul(decoder.blocks).saturating_add(cross.kept(sizes)),
    };
    kept.saturating_add(fused_scratch(sizes, pass, decoder.intermediate_size))
        .saturating_add(relative_numbers(sizes, pass.length))
        .saturating_add(hidden.saturating_mul(2))
}

/// Numbers that a head over the vocabulary takes for `tokens` tokens that all have a label: the rows that it is given, the
/// scores of those that are computed at once, and the gradient of its table a second time where it `adds_up` in several passes.
pub const fn vocabulary_head_numbers(sizes: &BlockSizes, tokens: usize, trains_table: bool, adds_up: bool) -> usize {
    let Some(scores) = sizes.scores else { return 0 };
    let all = tokens.saturating_mul(scores.ids);
    let at_once = if all < CHUNK_SCORES { all } else { CHUNK_SCORES };
    let table = if trains_table && adds_up { scores.ids.saturating_mul(sizes.hidden_size) } else { 0 };
    let rows = tokens.saturating_mul(sizes.hidden_size).saturating_mul(ROWS_OF_SCORES);
    rows.saturating_add(at_once).saturating_add(table)
}

/// Numbers in the rows of the tables of words and positions that have no gradient in an update of `tokens` tokens in rows
/// of `length`, on the way by hand: a gradient has the rows that occur.
///
/// A table that a head multiplies with has a gradient of every row. Source and target, of as many tokens, share the words
/// and have a table of positions each.
pub const fn untouched_table_numbers(sizes: &BlockSizes, tokens: usize, length: usize) -> usize {
    let sides = 1 + sizes.decoder.is_some() as usize;
    let words = match sizes.scores {
        Some(ScoreSizes { is_tied: true, .. }) => 0,
        _ => sizes.vocabulary.saturating_sub(tokens.saturating_mul(sides)),
    };
    let positions = sizes.positions.saturating_sub(length).saturating_mul(sides);
    words.saturating_add(positions).saturating_mul(sizes.hidden_size)
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

/// Tensors of `[tokens, hidden]` that cross-attention keeps in a reference block: those of attention, and the rows of the
/// source.
const HIDDEN_KEPT_OF_CROSS: usize = 22;

/// Numbers that a training step with reference blocks holds beside parameters, gradients and optimiser state, for a batch
/// of `rows` rows of `length` tokens, with padding and dropout; a target is as long as its source. The
/// [`vocabulary_head_numbers`] are left out.
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
    let decoder = match &sizes.decoder {
        Some(decoder) => {
            let intermediate = tokens.saturating_mul(decoder.intermediate_size);
            let scores = tokens.saturating_mul(length).saturating_mul(decoder.attention_heads);
            let block = hidden
                .saturating_mul(HIDDEN_KEPT + HIDDEN_KEPT_OF_CROSS)
                .saturating_add(intermediate.saturating_mul(INTERMEDIATE_KEPT))
                .saturating_add(scores.saturating_mul(2 * SCORES_KEPT));
            block.saturating_mul(decoder.blocks).saturating_add(hidden.saturating_mul(EMBEDDINGS_KEPT))
        }
        None => 0,
    };
    let passing =
        intermediate.saturating_mul(INTERMEDIATE_PASSING).saturating_add(scores.saturating_mul(SCORES_PASSING));
    let table = table_passing(sizes);
    kept.saturating_add(decoder).saturating_add(if passing > table { passing } else { table })
}

#[cfg(test)]
mod tests;
