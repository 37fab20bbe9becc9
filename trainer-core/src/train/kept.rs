//! How many numbers an optimiser keeps for a model of which only the sizes are known.
//!
//! What comes in: a family, the sizes in its `config.json`, and what the optimiser keeps. What goes out: a count, at most.

use super::memory::MemoryNeeds;
use crate::model::Head;
use crate::model::family::{Family, Size, Sizes};
use crate::optim::KeptNumbers;

/// Outputs of the layer that the head ends with; 0 if that is the table of words, or not known.
pub(super) const fn outputs(head: Head) -> usize {
    match head {
        // The table that a vocabulary's head multiplies with is that of the words in most families.
        Head::Any | Head::Vocabulary(_) => 0,
        Head::Classes(labels) | Head::Tags(labels) => labels.names.len(),
        Head::Values(count) => count,
    }
}

/// Numbers that an optimiser keeps for what these `needs` train: all of a model, or with adapters its head.
pub(super) const fn kept_numbers(
    kept: KeptNumbers,
    family: &Family,
    sizes: &Sizes,
    head: Head,
    needs: &MemoryNeeds,
) -> usize {
    let sizes = sizes.or(&family.defaults);
    match kept {
        KeptNumbers::Each(count) => needs.trained.saturating_mul(count),
        KeptNumbers::RowsAndColumns => {
            // A weight `[outputs, hidden]` and a bias.
            let outputs = outputs(head);
            let of_head = match outputs {
                0 => 0,
                outputs => sizes.of(Size::Hidden).saturating_add(outputs.saturating_mul(2)),
            };
            if !needs.trains_embeddings {
                return of_head;
            }
            of_head.saturating_add(family.rows_and_columns(&sizes))
        }
    }
}
