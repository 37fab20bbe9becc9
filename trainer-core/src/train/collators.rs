//! The collator that follows from a trainer's other parts.
//!
//! In: the task of the examples, what the model reads, and whether there is a tokenizer. Out: a collator, or what one that was named
//! learns of a conversation.

use super::TrainerParts;
use crate::collate::{
    CausalLm, Collator, CompletionOnly, DefaultCollator, Flattening, MaskedLm, Packing, Padding, Seq2SeqCollator,
    TokenClassificationCollator,
};
use crate::data::{Example, Role, Task, TaskKind};
use crate::model::{Head, Model, Reads};

/// The collator of a trainer that names none: that of the task.
///
/// * One label for each example: [`Padding`] for tokens where there is a tokenizer, else [`DefaultCollator`].
/// * A class for each word: [`TokenClassificationCollator`]; one text for another: [`Seq2SeqCollator`].
/// * A text: [`MaskedLm`] for a model that reads the whole of it, else [`CausalLm`].
/// * A prompt with its completion: [`CompletionOnly`]; the turns of a conversation: [`CausalLm`] over all of them. So `trl` does.
pub fn default_collator<P: TrainerParts>(parts: &P) -> Box<dyn Collator> {
    match <<P::Example as Example>::Task as Task>::KIND {
        TaskKind::TokenClassification => Box::new(TokenClassificationCollator::new()),
        TaskKind::Seq2Seq => Box::new(Seq2SeqCollator::new()),
        TaskKind::LanguageModeling => match <P::Model as Model>::HEAD {
            Head::Vocabulary(Reads::Masked) => Box::new(MaskedLm::new()),
            _ => Box::new(CausalLm::new()),
        },
        TaskKind::Conversation if learns_every_token::<P::Example>() => Box::new(CausalLm::new().every_token()),
        TaskKind::Conversation => Box::new(CompletionOnly::new()),
        _ if parts.tokenizer().is_some() && !has::<P::Example>(Role::Features) => Box::new(Padding::new()),
        _ => Box::new(DefaultCollator),
    }
}

/// `CausalLm` where it is named: of a conversation it learns every token. [`CompletionOnly`] learns answers alone.
pub fn causal_lm<E: Example>(collator: CausalLm) -> CausalLm {
    match <E::Task as Task>::KIND {
        TaskKind::Conversation => collator.every_token(),
        _ => collator,
    }
}

/// `Flattening` where nothing says what it learns.
pub fn flattening<E: Example>(collator: Flattening) -> Flattening {
    if learns_every_token::<E>() { collator.every_token() } else { collator }
}

/// `Packing` where nothing says what it learns.
pub fn packing<E: Example>(collator: Packing) -> Packing {
    if learns_every_token::<E>() { collator.every_token() } else { collator }
}

/// Whether the whole of a conversation is learned where nothing says what: all turns, but of a prompt and its completion only this.
///
/// Source: `trl.SFTTrainer`, `completion_only_loss` and `assistant_only_loss` at their defaults.
fn learns_every_token<E: Example>() -> bool {
    has::<E>(Role::Messages)
}

fn has<E: Example>(role: Role) -> bool {
    E::FIELDS.iter().any(|field| field.role == role)
}
