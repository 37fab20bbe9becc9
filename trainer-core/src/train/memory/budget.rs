//! Whether the memory of a run stays within a budget, and what to write so that it does.
//!
//! What comes in: what the memory of a run follows from, and the bytes that it may take. What goes out: a verdict with the
//! parts, and an argument that fits. It refuses a budget for what only the run will know.

use super::{MemoryNeeds, bytes};
use crate::args::rules::{Verdict, Words, contains};
use crate::args::{Facts, OptimizerName, Specification};
use crate::model::family::Family;
use crate::transformer::{ComputedBy, Keeps};

impl MemoryNeeds {
    /// The same with so many rows at once: in chunks of the batch where blocks are computed by hand, otherwise as a batch.
    const fn at_once(&self, rows: usize) -> Self {
        match (&self.blocks, self.length) {
            (Some((_, ComputedBy::Fused)), Some(length)) => {
                Self { tokens_per_chunk: rows.saturating_mul(length), ..*self }
            }
            _ => Self { rows, ..*self },
        }
    }

    /// The most rows at once with which the run stays within `budget` bytes; 0 if none does.
    const fn most_rows(&self, budget: u64) -> usize {
        let (mut fits, mut above) = (0, self.rows_at_once());
        while fits + 1 < above {
            let rows = fits + (above - fits) / 2;
            if self.at_once(rows).memory().total() as u64 <= budget {
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
    if contains(unknown, "optim") {
        // None keeps more.
        facts.optim = OptimizerName::AdamW;
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
