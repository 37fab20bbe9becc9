//! The memory of a run, by part, and whether it stays within a budget.
//!
//! What comes in: how many numbers the model has, its sizes, and the batches that the arguments ask for. What goes out:
//! bytes. The compiler computes it where `#[trainer]` names a `memory_budget`, the program before its first step.

use crate::args::rules::{Verdict, Words, contains};
use crate::args::{Facts, Specification};
use crate::model::Head;
use crate::model::family::{Family, Sizes};
use crate::transformer::{
    BlockSizes, ComputedBy, Keeps, activation_numbers, computed_by, fused_activation_numbers, rows_at_once,
};

/// Bytes of a number in `f32`.
const NUMBER: usize = 4;

/// The memory of a run in bytes, by part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The parameters.
    pub weights: usize,
    /// The gradients; twice where several batches make an update, as each adds its own.
    pub gradients: usize,
    /// What the optimiser remembers: two numbers for each that is trained.
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
    /// Numbers in the parameters that are trained.
    pub trained: usize,
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
}

impl MemoryNeeds {
    /// The bytes, by part.
    pub const fn memory(&self) -> Memory {
        let windows = if self.accumulation > 1 { 2 } else { 1 };
        let at_once = self.rows_at_once();
        let activations = match (&self.blocks, self.length) {
            (Some((sizes, ComputedBy::Reference)), Some(length)) => Some(activation_numbers(sizes, at_once, length)),
            (Some((sizes, ComputedBy::Fused)), Some(length)) => {
                Some(fused_activation_numbers(sizes, at_once, length, self.keeps))
            }
            _ => None,
        };
        let activations = match activations {
            Some(numbers) => Some(numbers.saturating_mul(NUMBER)),
            None => None,
        };
        Memory {
            weights: self.parameters.saturating_mul(NUMBER),
            gradients: self.trained.saturating_mul(NUMBER * windows),
            optimizer: self.trained.saturating_mul(NUMBER * 2),
            activations,
            rows: self.rows,
            rows_at_once: at_once,
            length: match self.length {
                Some(length) => length,
                None => 0,
            },
        }
    }

    /// Rows of a batch that are computed at once.
    const fn rows_at_once(&self) -> usize {
        match (&self.blocks, self.length) {
            (Some((_, ComputedBy::Fused)), Some(length)) => rows_at_once(self.rows, length, self.tokens_per_chunk),
            _ => self.rows,
        }
    }

    /// The most rows of a batch with which the run stays within `budget` bytes; 0 if none does.
    const fn most_rows(&self, budget: u64) -> usize {
        let (mut fits, mut above) = (0, self.rows);
        while fits + 1 < above {
            let rows = fits + (above - fits) / 2;
            if (Self { rows, ..*self }).memory().total() as u64 <= budget {
                fits = rows;
            } else {
                above = rows;
            }
        }
        fits
    }

    /// What to write to stay within `budget` bytes.
    const fn advice(&self, budget: u64) -> Words {
        match (self.most_rows(budget), &self.blocks, self.length) {
            (0, Some((_, ComputedBy::Fused)), Some(length)) if matches!(self.keeps, Keeps::Everything) => {
                let again = Self { keeps: Keeps::Inputs, ..*self };
                if again.memory().total() as u64 <= budget {
                    return Words::new().then("`gradient_checkpointing = true` fits, and takes more time");
                }
                match again.most_rows(budget) {
                    0 => nothing_fits(),
                    rows => Words::new()
                        .then("`gradient_checkpointing = true` and `max_tokens_per_chunk = ")
                        .number(rows as i128 * length as i128)
                        .then("` fit together, and take more time"),
                }
            }
            (0, ..) => nothing_fits(),
            (rows, Some((_, ComputedBy::Fused)), Some(length)) => Words::new()
                .then("`max_tokens_per_chunk = ")
                .number(rows as i128 * length as i128)
                .then("` fits, with the same gradients"),
            (rows, ..) => Words::new()
                .then("`per_device_train_batch_size = ")
                .number(rows as i128)
                .then("` fits; `gradient_accumulation_steps` keeps the updates as large"),
        }
    }
}

const fn nothing_fits() -> Words {
    Words::new().then("not even one row fits: a smaller `max_length`, a smaller model, or a larger budget")
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
pub(crate) const fn block_sizes(family: &Family, sizes: &Sizes) -> Option<BlockSizes> {
    match sizes.or(&family.defaults) {
        Sizes {
            vocab_size: Some(vocabulary),
            hidden_size: Some(hidden_size),
            num_hidden_layers: Some(blocks),
            num_attention_heads: Some(attention_heads),
            intermediate_size: Some(intermediate_size),
            ..
        } => Some(BlockSizes {
            blocks,
            hidden_size,
            intermediate_size,
            attention_heads,
            // In the families of this version no heads share their keys, and no feed-forward layer has a gate.
            key_value_size: hidden_size,
            inner_layers: 1,
            vocabulary,
        }),
        _ => None,
    }
}

/// What the memory of a run follows from, as far as it is known while compiling: every parameter is trained, or with
/// adapters the head alone, to which the run adds them.
///
/// `length` is the most tokens that a row can have, and `head` what the model's head gives.
pub const fn needs_of(
    family: Option<&Family>,
    sizes: &Sizes,
    head: Head,
    facts: &Facts<'_>,
    length: Option<usize>,
    has_adapters: bool,
) -> Option<MemoryNeeds> {
    let Some(family) = family else { return None };
    let Some(blocks) = block_sizes(family, sizes) else { return None };
    let outputs = match head {
        Head::Any => 0,
        Head::Classes(labels) => labels.names.len(),
        Head::Values(count) => count,
    };
    let head = outputs.saturating_mul(blocks.hidden_size.saturating_add(1));
    let parameters = family.numbers(sizes).saturating_add(head);
    Some(MemoryNeeds {
        parameters,
        trained: if has_adapters { head } else { parameters },
        accumulation: facts.gradient_accumulation_steps,
        rows: facts.per_device_train_batch_size,
        length,
        blocks: Some((blocks, computed_by(facts.device, &blocks))),
        tokens_per_chunk: facts.tokens_per_chunk(),
        keeps: kept(facts.gradient_checkpointing),
    })
}

/// What blocks keep, with `gradient_checkpointing` or without.
pub(super) const fn kept(gradient_checkpointing: bool) -> Keeps {
    if gradient_checkpointing { Keeps::Inputs } else { Keeps::Everything }
}

/// A run stays within its memory budget.
pub const fn stays_within(needs: &MemoryNeeds, budget: u64) -> Verdict {
    let memory = needs.memory();
    if memory.total() as u64 <= budget {
        return Verdict::Accepted;
    }
    let message = bytes(memory.words_with_batch().then("; the budget is "), budget);
    Verdict::refused(message, needs.advice(budget))
}

/// A plan that is made while compiling needs to know the model and the batch; `unknown` are the arguments that only the
/// run will know, which may be at most what their `range` says.
pub const fn budget_is_known(
    family: Option<&Family>,
    unknown: &[&str],
    specification: &Specification,
    length: Option<usize>,
) -> Verdict {
    if family.is_none() {
        return Verdict::refused(
            Words::new().then("`memory_budget` needs a model whose memory is known, and this one is your own"),
            Words::new().then("leave `memory_budget` out; `plan()` says what the parameters take"),
        );
    }
    if length.is_none() {
        return Verdict::refused(
            Words::new().then("`memory_budget` needs the longest row, which nothing says"),
            Words::new().then("write `max_length = 512` in `#[training_args]`"),
        );
    }
    let mut at = 0;
    while at < DECIDING.len() {
        let name = DECIDING[at];
        if contains(unknown, name) && specification.most(name).is_none() {
            return Verdict::refused(
                Words::new().then("`memory_budget` needs `").then(name).then("`, which only the run will know"),
                Words::new()
                    .then("give the field a range, such as `#[arg(range = 1..=64)]`, or a number as its default"),
            );
        }
        at += 1;
    }
    Verdict::Accepted
}

/// The arguments that the memory of a run follows from and that must be known.
const DECIDING: &[&str] = &["per_device_train_batch_size", "gradient_accumulation_steps"];

/// The facts, with the most that an argument may be where only the run will know it.
pub const fn at_most<'a>(facts: Facts<'a>, unknown: &[&str], specification: &Specification) -> Facts<'a> {
    let mut facts = facts;
    if contains(unknown, DECIDING[0])
        && let Some(most) = specification.most(DECIDING[0])
    {
        facts.per_device_train_batch_size = most;
    }
    if contains(unknown, DECIDING[1])
        && let Some(most) = specification.most(DECIDING[1])
    {
        facts.gradient_accumulation_steps = most;
    }
    if contains(unknown, "max_length") {
        facts.max_length = specification.most("max_length");
    }
    if contains(unknown, "max_tokens_per_chunk") {
        facts.max_tokens_per_chunk = match specification.most("max_tokens_per_chunk") {
            Some(most) => Some(most),
            None => Some(usize::MAX),
        };
    }
    if contains(unknown, "gradient_checkpointing") {
        facts.gradient_checkpointing = false;
    }
    facts
}

/// The smallest of the lengths that are known.
pub const fn shortest(lengths: &[Option<usize>]) -> Option<usize> {
    let (mut least, mut at) = (None, 0);
    while at < lengths.len() {
        least = match (least, lengths[at]) {
            (Some(known), Some(length)) if known <= length => Some(known),
            (known, None) => known,
            (_, length) => length,
        };
        at += 1;
    }
    least
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bert;

    /// all-MiniLM-L6-v2.
    const MINI: Sizes = Sizes {
        vocab_size: Some(30522),
        hidden_size: Some(384),
        num_hidden_layers: Some(6),
        num_attention_heads: Some(12),
        intermediate_size: Some(1536),
        max_position_embeddings: Some(512),
        type_vocab_size: Some(2),
    };

    fn needs(rows: usize, length: usize) -> MemoryNeeds {
        let facts = Facts { per_device_train_batch_size: rows, ..Facts::DEFAULT };
        needs_of(Some(&bert::FAMILY), &MINI, Head::Values(3), &facts, Some(length), false).unwrap()
    }

    #[test]
    fn a_plan_above_its_budget_is_refused_with_every_part() {
        const BUDGET: u64 = 8 << 30;
        let Verdict::Refused { message, help } = stays_within(&needs(64, 512), BUDGET) else { panic!("it fits") };
        let parts = "weights 86.6 MiB + gradients 86.6 MiB + optimiser 173 MiB + activations ";
        assert!(message.as_str().starts_with(parts), "{}", message.as_str());
        assert!(message.as_str().ends_with("for 64 rows of 512 tokens; the budget is 8.0 GiB"), "{}", message.as_str());
        let rows = number(&help);
        assert!(stays_within(&needs(rows, 512), BUDGET).is_accepted());
        assert!(!stays_within(&needs(rows + 1, 512), BUDGET).is_accepted());
    }

    /// The first number in the words.
    fn number(words: &Words) -> usize {
        words.as_str().split([' ', '`']).find_map(|word| word.parse().ok()).unwrap()
    }

    fn fused(rows: usize, length: usize) -> MemoryNeeds {
        let needs = needs(rows, length);
        MemoryNeeds { blocks: needs.blocks.map(|(sizes, _)| (sizes, ComputedBy::Fused)), ..needs }
    }

    #[test]
    fn fused_blocks_take_the_memory_of_the_rows_that_are_computed_at_once() {
        let memory = fused(64, 512).memory();
        assert_eq!((memory.rows, memory.rows_at_once), (64, 8));
        assert_eq!(memory.activations, fused(8, 512).memory().activations);
        assert!(memory.words_with_batch().as_str().ends_with(", for 64 rows of 512 tokens, 8 at once"));
        let inputs = MemoryNeeds { keeps: Keeps::Inputs, ..fused(64, 512) };
        assert!(inputs.memory().activations < memory.activations);
    }

    #[test]
    fn the_advice_for_fused_blocks_fits_and_keeps_the_gradients() {
        let refused = |needs: &MemoryNeeds, budget| match stays_within(needs, budget) {
            Verdict::Refused { help, .. } => help,
            Verdict::Accepted => panic!("it fits"),
        };
        let needs = fused(64, 512);
        let within = |tokens_per_chunk, keeps, budget| {
            stays_within(&MemoryNeeds { tokens_per_chunk, keeps, ..needs }, budget).is_accepted()
        };
        let help = refused(&needs, 512 << 20);
        assert!(help.as_str().starts_with("`max_tokens_per_chunk = "), "{}", help.as_str());
        assert!(within(number(&help), Keeps::Everything, 512 << 20));
        assert!(!within(number(&help) + 512, Keeps::Everything, 512 << 20));

        let one_row = MemoryNeeds { tokens_per_chunk: 1, ..needs }.memory().total() as u64;
        let help = refused(&needs, one_row - 1);
        assert!(help.as_str().starts_with("`gradient_checkpointing = true`"), "{}", help.as_str());
        assert!(within(number(&help), Keeps::Inputs, one_row - 1));
        let help = refused(&MemoryNeeds { tokens_per_chunk: 512, ..needs }, one_row - 1);
        assert_eq!(help.as_str(), "`gradient_checkpointing = true` fits, and takes more time");
        assert!(within(512, Keeps::Inputs, one_row - 1));
        assert!(refused(&needs, 100 << 20).as_str().starts_with("not even one row fits"));
    }

    #[test]
    fn what_only_the_run_will_know_is_taken_at_its_most() {
        let facts = Facts { gradient_checkpointing: true, max_tokens_per_chunk: Some(64), ..Facts::DEFAULT };
        let unknown = ["gradient_checkpointing", "max_tokens_per_chunk"];
        let nothing = Specification { name: "Args", about: "", arguments: &[], fixed: &[] };
        let most = at_most(facts, &unknown, &nothing);
        assert_eq!((most.gradient_checkpointing, most.max_tokens_per_chunk), (false, Some(usize::MAX)));
        assert_eq!(at_most(facts, &[], &nothing), facts);
    }

    #[test]
    fn a_budget_below_the_weights_has_no_batch() {
        let Verdict::Refused { help, .. } = stays_within(&needs(8, 128), 100 << 20) else { panic!("it fits") };
        assert!(help.as_str().starts_with("not even one row fits"), "{}", help.as_str());
    }

    #[test]
    fn bytes_have_three_digits() {
        let text = |number| bytes(Words::new(), number).as_str().to_owned();
        assert_eq!(text(86 * (1 << 20) + 700_000), "86.7 MiB");
        assert_eq!(text(173 << 20), "173 MiB");
        assert_eq!(text(8 << 30), "8.0 GiB");
        assert_eq!(text(512), "0.5 KiB");
    }

    #[test]
    fn the_shortest_of_the_known_lengths_counts() {
        assert_eq!(shortest(&[None, Some(512), None, Some(128)]), Some(128));
        assert_eq!(shortest(&[None]), None);
    }
}
