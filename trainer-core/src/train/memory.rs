//! The memory of a run, by part, and whether it stays within a budget.
//!
//! What comes in: how many numbers the model has, its sizes, and the batches that the arguments ask for. What goes out:
//! bytes. The compiler computes it where `#[trainer]` names a `memory_budget`, the program before its first step.

mod budget;
#[cfg(test)]
mod tests;

pub use budget::{at_most, budget_is_known, shortest, stays_within};

use super::kept::{kept_numbers, outputs};
use crate::args::Facts;
use crate::args::rules::Words;
use crate::model::Head;
use crate::model::family::{Family, Size, Sizes};
use crate::model::peft::Bits;
use crate::transformer::{
    AdapterSizes, BlockSizes, ComputedBy, DecoderSizes, FusedPass, Keeps, ScoreSizes, Wanted, activation_numbers,
    computed_by, fused_activation_numbers, rows_at_once, untouched_table_numbers, vocabulary_head_numbers,
};

/// Bytes of a number in `f32`.
const NUMBER: usize = 4;

/// The memory of a run in bytes, by part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The parameters.
    pub weights: usize,
    /// The gradients: of tables the rows that an update can have. Twice where candle's graph makes them and several batches
    /// make an update, as each adds its own; layers of this crate add up in place.
    pub gradients: usize,
    /// What the optimiser remembers: as many numbers for each that is trained as it keeps, at most; with `adamw` rows of tables
    /// that never occurred take nothing.
    pub optimizer: usize,
    /// What the backward pass must find again, and what it computes with; `None` for a model of the user's own.
    pub activations: Option<usize>,
    /// Rows of a batch.
    pub rows: usize,
    /// Rows of a batch that are computed at once, if they are as long as they can be.
    pub rows_at_once: usize,
    /// Tokens of a row, at most; 0 if nothing says it.
    pub length: usize,
}

/// What the memory of a run follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryNeeds {
    /// Numbers in all parameters.
    pub parameters: usize,
    /// Bytes that they take.
    pub weight_bytes: usize,
    /// Numbers in the parameters that are trained.
    pub trained: usize,
    /// Numbers that the optimiser keeps for them, at most.
    pub kept_by_optimizer: usize,
    /// Whether the tables of the embeddings are among them.
    pub trains_embeddings: bool,
    /// The adapters of a block.
    pub adapters: AdapterSizes,
    /// Batches of an update.
    pub accumulation: usize,
    /// Rows of a batch.
    pub rows: usize,
    /// Tokens of a row, at most.
    pub length: Option<usize>,
    /// The sizes of the model and how its blocks are computed, if they are known.
    pub blocks: Option<(BlockSizes, ComputedBy)>,
    /// Tokens that are computed at once.
    pub tokens_per_chunk: usize,
    /// What blocks keep.
    pub keeps: Keeps,
    /// Threads that compute, as far as it is known.
    pub threads: usize,
}

impl MemoryNeeds {
    /// The bytes, by part.
    pub const fn memory(&self) -> Memory {
        let at_once = self.rows_at_once();
        let activations = match (&self.blocks, self.length) {
            (Some((sizes, way)), Some(length)) => {
                let blocks = match way {
                    ComputedBy::Reference => activation_numbers(sizes, at_once, length),
                    ComputedBy::Fused => {
                        let Self { keeps, trains_embeddings, adapters, threads, .. } = *self;
                        let pass = FusedPass { rows: at_once, length, keeps, trains_embeddings, adapters, threads };
                        fused_activation_numbers(sizes, &pass)
                    }
                };
                let adds_up = matches!(way, ComputedBy::Fused) && (at_once < self.rows || self.accumulation > 1);
                let tokens = at_once.saturating_mul(length);
                let head = vocabulary_head_numbers(sizes, tokens, self.trains_embeddings, adds_up);
                Some(blocks.saturating_add(head).saturating_mul(NUMBER))
            }
            _ => None,
        };
        Memory {
            weights: self.weight_bytes,
            gradients: self.gradient_numbers().saturating_mul(NUMBER),
            optimizer: self.kept_by_optimizer.saturating_mul(NUMBER),
            activations,
            rows: self.rows,
            rows_at_once: at_once,
            length: match self.length {
                Some(length) => length,
                None => 0,
            },
        }
    }

    /// Numbers of the gradients that are there at once.
    const fn gradient_numbers(&self) -> usize {
        match (&self.blocks, self.length) {
            (Some((sizes, ComputedBy::Fused)), Some(length)) if self.trains_embeddings => {
                let tokens = self.rows.saturating_mul(self.accumulation).saturating_mul(length);
                self.trained.saturating_sub(untouched_table_numbers(sizes, tokens, length))
            }
            (Some((_, ComputedBy::Fused)), _) => self.trained,
            _ if self.accumulation > 1 => self.trained.saturating_mul(2),
            _ => self.trained,
        }
    }

    /// Rows of a batch that are computed at once.
    const fn rows_at_once(&self) -> usize {
        match (&self.blocks, self.length) {
            (Some((_, ComputedBy::Fused)), Some(length)) => rows_at_once(self.rows, length, self.tokens_per_chunk),
            _ => self.rows,
        }
    }
}

impl Memory {
    /// All parts together.
    pub const fn total(&self) -> usize {
        let activations = match self.activations {
            Some(activations) => activations,
            None => 0,
        };
        self.weights.saturating_add(self.gradients).saturating_add(self.optimizer).saturating_add(activations)
    }

    /// The parts and their sum.
    pub(super) const fn words(&self) -> Words {
        let words = bytes(Words::new().then("weights "), self.weights as u64);
        let words = bytes(words.then(" + gradients "), self.gradients as u64);
        let words = bytes(words.then(" + optimiser "), self.optimizer as u64);
        let words = match self.activations {
            Some(activations) => bytes(words.then(" + activations "), activations as u64),
            None => words,
        };
        bytes(words.then(" = "), self.total() as u64)
    }

    /// The same, and the batch that it is for.
    pub(super) const fn words_with_batch(&self) -> Words {
        let words = self.words().then(", for ").number(self.rows as i128);
        let words = words.then(if self.rows == 1 { " row" } else { " rows" });
        let words = match self.length {
            0 => words,
            length => words.then(" of ").number(length as i128).then(" tokens"),
        };
        if self.rows_at_once == self.rows {
            return words;
        }
        words.then(", ").number(self.rows_at_once as i128).then(" at once")
    }
}

/// The sizes that the memory of a model of this family follows from.
pub(crate) const fn block_sizes(family: &Family, sizes: &Sizes, head: Head) -> Option<BlockSizes> {
    let sizes = sizes.or(&family.defaults);
    match sizes {
        Sizes {
            vocab_size: Some(vocabulary),
            hidden_size: Some(hidden_size),
            num_hidden_layers: Some(blocks),
            num_attention_heads: Some(attention_heads),
            ..
        } => Some(BlockSizes {
            blocks,
            hidden_size,
            intermediate_size: sizes.of(Size::Intermediate),
            attention_heads,
            query_size: sizes.of(Size::Gathered),
            key_value_size: sizes.of(Size::KeyValue),
            inner_layers: family.inner_layers(&sizes),
            norm_place: family.norm_place,
            has_relative_positions: family.has_relative_positions,
            decoder: if family.decoder.is_empty() {
                None
            } else {
                Some(DecoderSizes {
                    blocks: sizes.of(Size::DecoderBlocks),
                    intermediate_size: sizes.of(Size::DecoderIntermediate),
                    attention_heads: sizes.of(Size::DecoderHeads),
                })
            },
            vocabulary,
            positions: if family.has_position_table() { sizes.of(Size::Positions) } else { 0 },
            // Heads over whole texts look at the first token.
            wanted: match head {
                Head::Tags(_) | Head::Vocabulary(_) => Wanted::All,
                Head::Any | Head::Classes(_) | Head::Values(_) => Wanted::First,
            },
            scores: match head {
                Head::Vocabulary(_) => Some(ScoreSizes {
                    ids: sizes.of(Size::DecoderVocabulary),
                    is_tied: !matches!(sizes.tie_word_embeddings, Some(false)),
                }),
                _ => None,
            },
        }),
        _ => None,
    }
}

/// What the memory of a run follows from, as far as it is known while compiling: every parameter is trained, or with
/// adapters the head alone, to which the run adds them; one thread computes.
///
/// `length` is the most tokens that a row can have, and `head` what the model's head gives.
pub const fn needs_of(
    family: Option<&Family>,
    sizes: &Sizes,
    head: Head,
    facts: &Facts<'_>,
    length: Option<usize>,
    has_adapters: bool,
    bits: Option<Bits>,
) -> Option<MemoryNeeds> {
    let Some(family) = family else { return None };
    let Some(blocks) = block_sizes(family, sizes, head) else { return None };
    let of_head = outputs(head).saturating_mul(blocks.hidden_size.saturating_add(1));
    let parameters = family.numbers(sizes).saturating_add(of_head);
    let spared = match bits {
        Some(bits) => spared_bytes(family.block_weight_numbers(sizes), bits),
        None => 0,
    };
    let needs = MemoryNeeds {
        parameters,
        weight_bytes: parameters.saturating_mul(NUMBER).saturating_sub(spared),
        trained: if has_adapters { of_head } else { parameters },
        kept_by_optimizer: 0,
        trains_embeddings: !has_adapters,
        adapters: AdapterSizes { width: 0, drops: false },
        accumulation: facts.gradient_accumulation_steps,
        rows: facts.per_device_train_batch_size,
        length,
        blocks: Some((blocks, computed_by(facts.device, false))),
        tokens_per_chunk: facts.tokens_per_chunk(),
        keeps: kept(facts.gradient_checkpointing),
        // Each has 48 KiB for rows of 64 tokens, and 384 KiB for rows of 512; the run knows how many there are.
        threads: 1,
    };
    Some(MemoryNeeds { kept_by_optimizer: kept_numbers(facts.optim.kept(), family, sizes, head, &needs), ..needs })
}

/// Bytes that numbers spare in so few bits: each 32 of them have 8 bits a number and 2 bytes, or 4 bits and 4 bytes.
const fn spared_bytes(numbers: usize, bits: Bits) -> usize {
    let of_32 = match bits {
        Bits::Eight => 34,
        Bits::Four => 20,
    };
    (numbers / 32).saturating_mul(32 * NUMBER - of_32)
}

/// What blocks keep, with `gradient_checkpointing` or without.
pub(super) const fn kept(gradient_checkpointing: bool) -> Keeps {
    if gradient_checkpointing { Keeps::Inputs } else { Keeps::Everything }
}

/// The text, then so many bytes with three digits: `86.7 MiB`, `173 MiB`.
#[expect(clippy::large_types_passed_by_value, reason = "words are built by passing them on, as `Words::then` does")]
const fn bytes(words: Words, bytes: u64) -> Words {
    const UNITS: [(u64, &str); 3] = [(1 << 30, " GiB"), (1 << 20, " MiB"), (1 << 10, " KiB")];
    let mut at = 0;
    while at + 1 < UNITS.len() && bytes < UNITS[at].0 {
        at += 1;
    }
    let (unit, name) = UNITS[at];
    let tenths = (bytes as i128 * 10 + unit as i128 / 2) / unit as i128;
    if tenths >= 1000 {
        return words.number((bytes as i128 + unit as i128 / 2) / unit as i128).then(name);
    }
    words.number(tenths / 10).then(".").number(tenths % 10).then(name)
}
