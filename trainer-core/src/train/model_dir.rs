//! Rules between a trainer and the model directory that it names, and its memory budget.
//!
//! What comes in: a trainer, as a type: what was seen of its `model_dir`, its model, its arguments and its examples. What
//! goes out: a verdict for the compiler, each of one rule of [`model::seen`](crate::model::seen) or
//! [`train::memory`](super::memory).

use super::TrainerParts;
use super::checks::Schema;
use super::kept::kept_numbers;
use super::memory::{self, MemoryNeeds, at_most, needs_of, shortest};
use crate::args::rules::Verdict;
use crate::args::{Facts, TrainingArgs};
use crate::data::Role;
use crate::model::family::{Family, Sizes};
use crate::model::peft::rules::target_is_a_linear_layer;
use crate::model::seen::{self, ModelSeen};
use crate::model::{Head, Model};

/// Asks a rule about what was seen, if anything was.
macro_rules! of_seen {
    ($trainer:ident, |$seen:ident| $rule:expr) => {
        match &$trainer::MODEL_SEEN {
            Some($seen) => $rule,
            None => Verdict::Accepted,
        }
    };
}

const fn family<P: TrainerParts>() -> Option<&'static Family> {
    match (<P::Model as Model>::FAMILY, &P::MODEL_SEEN) {
        (None, Some(seen)) => seen::one_of(seen.model_type, <P::Model as Model>::FAMILIES),
        (family, _) => family,
    }
}

const fn head<P: TrainerParts>() -> Head {
    <P::Model as Model>::HEAD
}

const fn facts<P: TrainerParts>() -> Facts<'static> {
    <P::Args as TrainingArgs>::FACTS
}

const fn unknown<P: TrainerParts>() -> &'static [&'static str] {
    <P::Args as TrainingArgs>::UNKNOWN
}

/// The directory is of the family of the trainer's model.
pub const fn directory_is_of_the_family<P: TrainerParts>() -> Verdict {
    of_seen!(P, |seen| {
        let one = seen::is_of_the_family(seen.model_type, <P::Model as Model>::FAMILY);
        let any = seen::is_of_one_of(seen.model_type, <P::Model as Model>::FAMILIES);
        seen::at(seen.config_file, if one.is_accepted() { any } else { one })
    })
}

/// The weights are those that `config.json` describes.
pub const fn weights_fit<P: TrainerParts>() -> Verdict {
    of_seen!(P, |seen| seen::seen_weights_fit(seen, family::<P>()))
}

/// The heads of its attention are equal parts of the hidden size.
pub const fn heads_share_the_hidden_size<P: TrainerParts>() -> Verdict {
    of_seen!(P, |seen| seen::seen_heads_share_the_hidden_size(seen, family::<P>()))
}

/// The head in the directory is over the labels of the trainer's model.
pub const fn head_fits<P: TrainerParts>() -> Verdict {
    of_seen!(P, |seen| seen::seen_head_fits(seen, family::<P>(), head::<P>()))
}

/// The tokenizer has no more tokens than the model has embeddings.
pub const fn vocabulary_fits<P: TrainerParts>() -> Verdict {
    of_seen!(P, |seen| seen::seen_vocabulary_fits(seen, family::<P>()))
}

/// The positions of the model in the directory, and the file that says them.
pub const fn positions<P: TrainerParts>() -> Option<(usize, &'static str)> {
    match &P::MODEL_SEEN {
        Some(seen) => match seen::positions(seen, family::<P>()) {
            Some(positions) => Some((positions, seen.config_file)),
            None => None,
        },
        None => None,
    }
}

/// The length that a collator brings rows to is within the positions of the model.
pub const fn length_fits<P: TrainerParts>(name: &str, length: Option<usize>) -> Verdict {
    of_seen!(P, |seen| { seen::length_fits(name, length, seen::positions(seen, family::<P>()), seen.config_file) })
}

/// The tokenizer has a token to pad with.
pub const fn padding_has_a_token<P: TrainerParts>() -> Verdict {
    of_seen!(P, |seen| seen::seen_padding_has_a_token(seen, pads::<P>()))
}

/// Whether the examples are of tokens, which a trainer with a tokenizer pads.
const fn pads<P: TrainerParts>() -> bool {
    let schema = Schema::of::<P::Example>();
    let mut at = 0;
    while at < schema.fields.len() {
        if matches!(schema.fields[at].role, Role::Features) {
            return false;
        }
        at += 1;
    }
    true
}

/// An adapter's target that the model has is in the weights too.
pub const fn target_is_in_the_weights<P: TrainerParts>(target: &str) -> Verdict {
    if !target_is_a_linear_layer(<P::Model as Model>::MODULES, target).is_accepted() {
        return Verdict::Accepted;
    }
    of_seen!(P, |seen| seen::adapter_target_is_there(seen, family::<P>(), target))
}

/// What a memory budget is compared with is known; `collator` is the longest row that the collator makes, and `target` the
/// longest target.
pub const fn budget_is_known<P: TrainerParts>(collator: Option<usize>, target: Option<usize>) -> Verdict {
    of_seen!(P, |seen| {
        let specification = <P::Args as TrainingArgs>::SPECIFICATION;
        // A directory of none of the families of a model is refused as such.
        if family::<P>().is_none() && !<P::Model as Model>::FAMILIES.is_empty() {
            return Verdict::Accepted;
        }
        memory::budget_is_known(family::<P>(), unknown::<P>(), specification, longest::<P>(seen, collator, target))
    })
}

/// The memory of the run stays within the trainer's budget, as far as it is known.
pub const fn stays_within_the_budget<P: TrainerParts>(collator: Option<usize>, target: Option<usize>) -> Verdict {
    let Some(budget) = P::MEMORY_BUDGET else { return Verdict::Accepted };
    if !budget_is_known::<P>(collator, target).is_accepted() {
        return Verdict::Accepted;
    }
    of_seen!(P, |seen| {
        match needs::<P>(&seen.sizes, longest::<P>(seen, collator, target)) {
            Some(needs) => memory::stays_within(&needs, budget),
            None => Verdict::Accepted,
        }
    })
}

const fn needs<P: TrainerParts>(sizes: &Sizes, length: Option<usize>) -> Option<MemoryNeeds> {
    let (facts, head) = (bounds::<P>(), head::<P>());
    let Some(needs) = needs_of(family::<P>(), sizes, head, &facts, length, P::HAS_ADAPTERS, P::BITS) else {
        return None;
    };
    match (P::OPTIMIZER_KEEPS, family::<P>()) {
        (Some(kept), Some(family)) => {
            let kept_by_optimizer = kept_numbers(kept, family, sizes, head, &needs);
            Some(MemoryNeeds { kept_by_optimizer, ..needs })
        }
        _ => Some(needs),
    }
}

/// The arguments, at most what they can be.
const fn bounds<P: TrainerParts>() -> Facts<'static> {
    at_most(facts::<P>(), unknown::<P>(), <P::Args as TrainingArgs>::SPECIFICATION)
}

/// The most tokens that a row or a target can have.
const fn longest<P: TrainerParts>(
    seen: &ModelSeen<'_>,
    collator: Option<usize>,
    target: Option<usize>,
) -> Option<usize> {
    let (positions, tokenizer) = (seen::positions(seen, family::<P>()), seen::tokenizer_length(seen));
    let Some(read) = shortest(&[bounds::<P>().max_length, collator, positions, tokenizer]) else { return None };
    match target {
        None => Some(read),
        Some(_) => match shortest(&[target, positions, tokenizer]) {
            Some(written) if written > read => Some(written),
            _ => Some(read),
        },
    }
}
