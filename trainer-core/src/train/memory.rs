//! The memory of a run, by part, and whether it stays within a budget.
//!
//! What comes in: how many numbers the model has, its sizes, and the batches that the arguments ask for. What goes out:
//! bytes. The compiler computes it where `#[trainer]` names a `memory_budget`, the program before its first step.

use crate::args::rules::{Verdict, Words, contains};
use crate::args::{Facts, Specification};
use crate::model::Head;
use crate::model::family::{Family, Sizes};
use crate::transformer::{BlockSizes, activation_numbers};

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
    /// The sizes of the model, if they are known.
    pub sizes: Option<BlockSizes>,
}

impl MemoryNeeds {
    /// The bytes, by part.
    pub const fn memory(&self) -> Memory {
        let windows = if self.accumulation > 1 { 2 } else { 1 };
        let activations = match (&self.sizes, self.length) {
            (Some(sizes), Some(length)) => Some(activation_numbers(sizes, self.rows, length).saturating_mul(NUMBER)),
            _ => None,
        };
        Memory {
            weights: self.parameters.saturating_mul(NUMBER),
            gradients: self.trained.saturating_mul(NUMBER * windows),
            optimizer: self.trained.saturating_mul(NUMBER * 2),
            activations,
            rows: self.rows,
            length: match self.length {
                Some(length) => length,
                None => 0,
            },
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
        } => Some(BlockSizes { blocks, hidden_size, intermediate_size, attention_heads, vocabulary }),
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
        sizes: Some(blocks),
    })
}

/// A run stays within its memory budget.
pub const fn stays_within(needs: &MemoryNeeds, budget: u64) -> Verdict {
    let memory = needs.memory();
    if memory.total() as u64 <= budget {
        return Verdict::Accepted;
    }
    let words = memory.words().then(", for ").number(memory.rows as i128);
    let words = words.then(if memory.rows == 1 { " row" } else { " rows" });
    let words = match memory.length {
        0 => words,
        length => words.then(" of ").number(length as i128).then(" tokens"),
    };
    let message = bytes(words.then("; the budget is "), budget);
    let help = match needs.most_rows(budget) {
        0 => Words::new().then("not even one row fits: a smaller `max_length`, a smaller model, or a larger budget"),
        rows => Words::new()
            .then("`per_device_train_batch_size = ")
            .number(rows as i128)
            .then("` fits; `gradient_accumulation_steps` keeps the updates as large"),
    };
    Verdict::refused(message, help)
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
        let rows: usize = help.as_str().split([' ', '`']).find_map(|word| word.parse().ok()).unwrap();
        assert!(stays_within(&needs(rows, 512), BUDGET).is_accepted());
        assert!(!stays_within(&needs(rows + 1, 512), BUDGET).is_accepted());
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
