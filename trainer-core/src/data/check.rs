//! What every example must have before a model sees it: something to read, and numbers that are numbers.

use super::read::messages::is_a_role;
use super::takes::said;
use super::{Example, Input, Message, Role, Target, Task, TaskKind};
use crate::error::{Error, ErrorKind, Result};

/// Refuses an example that no model can learn from; the caller adds where it stands.
pub(super) fn check_example<E: Example>(example: &E) -> Result<()> {
    check_input::<E>(example.input())?;
    let target = example.target();
    check_target::<E>(&target)?;
    match (example.input(), &target) {
        (Input::Words(words), Target::Tags(tags)) => {
            check_count::<E>((Role::Tokens, words.len(), "word"), (Role::Tags, tags.len()), "one tag for each word")
        }
        (Input::Tokens { input_ids, .. }, Target::Tags(tags)) => {
            let ids = (Role::InputIds, input_ids.len(), "token");
            check_count::<E>(ids, (Role::Tags, tags.len()), "one tag for each token")
        }
        (Input::Tokens { input_ids, .. }, Target::Tokens(labels)) if E::Task::KIND == TaskKind::LanguageModeling => {
            let ids = (Role::InputIds, input_ids.len(), "token");
            check_count::<E>(ids, (Role::Labels, labels.len()), said::A_LABEL_FOR_EACH)
        }
        _ => Ok(()),
    }
}

fn check_count<E: Example>(
    (of, count, unit): (Role, usize, &str),
    (role, found): (Role, usize),
    help: &str,
) -> Result<()> {
    if found == count {
        return Ok(());
    }
    let (of, name, plural) = (column::<E>(of), column::<E>(role), if count == 1 { "" } else { "s" });
    Err(data_error(format!("`{of}` has {count} {unit}{plural}, but `{name}` has {found}")).help(help))
}

fn check_input<E: Example>(input: Input<'_>) -> Result<()> {
    match input {
        Input::Text { text, pair } => {
            check_text::<E>(text, Role::Text)?;
            pair.map_or(Ok(()), |pair| check_text::<E>(pair, Role::TextPair))
        }
        Input::Tokens { input_ids, attention_mask, token_type_ids } => {
            if input_ids.is_empty() {
                return Err(data_error(format!("`{}` is empty", column::<E>(Role::InputIds)))
                    .help("leave the row out, or give it at least one token"));
            }
            check_length::<E>(input_ids, attention_mask, Role::AttentionMask)?;
            check_length::<E>(input_ids, token_type_ids, Role::TokenTypeIds)?;
            check_mask::<E>(attention_mask.unwrap_or(&[1]))
        }
        Input::Features(values) => {
            let name = column::<E>(Role::Features);
            if values.is_empty() {
                return Err(data_error(format!("`{name}` is empty")).help(said::GIVE_NUMBERS));
            }
            check_finite(name, values)
        }
        Input::Words(words) => check_words::<E>(words),
        Input::Completion { prompt, completion } => {
            check_text::<E>(prompt, Role::Prompt)?;
            check_text::<E>(completion, Role::Completion)
        }
        Input::Messages(messages) => check_messages::<E>(messages),
        Input::SourceTarget { source, target } => {
            check_text::<E>(source, Role::Source)?;
            check_text::<E>(target, Role::Target)
        }
    }
}

fn check_words<E: Example>(words: &[String]) -> Result<()> {
    let name = column::<E>(Role::Tokens);
    if words.is_empty() {
        return Err(data_error(format!("`{name}` is empty")).help("leave the row out, or give it at least one word"));
    }
    // One word without a token is counted where the words are tokenised.
    if words.iter().all(|word| word.trim().is_empty()) {
        let help = "leave the row out, or give it at least one word";
        return Err(data_error(format!("`{name}` holds only white space")).help(help));
    }
    Ok(())
}

fn check_messages<E: Example>(messages: &[Message]) -> Result<()> {
    let name = column::<E>(Role::Messages);
    if messages.is_empty() {
        return Err(data_error(format!("`{name}` is empty")).help("leave the row out, or give it at least one message"));
    }
    let mut turns = messages.iter().enumerate();
    turns.try_for_each(|(position, message)| is_a_role(&format!("{name}[{position}]"), &message.role))
}

fn check_text<E: Example>(text: &str, role: Role) -> Result<()> {
    if !text.trim().is_empty() {
        return Ok(());
    }
    let what = if text.is_empty() { "is empty" } else { "holds only white space" };
    Err(data_error(format!("`{}` {what}", column::<E>(role))).help(said::GIVE_A_TEXT))
}

fn check_length<E: Example>(input_ids: &[u32], other: Option<&[u32]>, role: Role) -> Result<()> {
    let count = other.map_or(input_ids.len(), <[u32]>::len);
    check_count::<E>((Role::InputIds, input_ids.len(), "token"), (role, count), "one number for each token")
}

fn check_mask<E: Example>(mask: &[u32]) -> Result<()> {
    let name = column::<E>(Role::AttentionMask);
    if let Some((position, value)) = mask.iter().enumerate().find(|(_, value)| **value > 1) {
        return Err(data_error(format!("`{name}[{position}]` is {value}, expected 0 or 1")));
    }
    if mask.contains(&1) {
        return Ok(());
    }
    Err(data_error(format!("`{name}` is 0 everywhere, so that nothing is left of the row"))
        .help("1 for each token, 0 for padding"))
}

fn check_target<E: Example>(target: &Target) -> Result<()> {
    match target {
        Target::Values(values) | Target::MultiHot(values) => {
            let role = if matches!(target, Target::Values(_)) { Role::Label } else { Role::Labels };
            check_finite(column::<E>(role), values)
        }
        Target::Tokens(ids) if ids.is_empty() => {
            let role = if E::Task::KIND == TaskKind::Seq2Seq { Role::TargetIds } else { Role::Labels };
            Err(data_error(format!("`{}` is empty", column::<E>(role)))
                .help("leave the row out, or give it at least one token"))
        }
        Target::Class(_) | Target::Tags(_) | Target::Tokens(_) | Target::None => Ok(()),
    }
}

fn check_finite(name: &str, values: &[f32]) -> Result<()> {
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((position, value)) => {
            Err(Error::new(ErrorKind::Numeric, format!("`{name}` holds {value} at position {position}"))
                .help("every number must be finite"))
        }
        None => Ok(()),
    }
}

/// The column that the field of `role` is read from, as the user spells it.
fn column<E: Example>(role: Role) -> &'static str {
    let standard = match role {
        Role::TextPair => "text_pair",
        Role::Label => "label",
        Role::Labels => "labels",
        Role::InputIds => "input_ids",
        Role::AttentionMask => "attention_mask",
        Role::TokenTypeIds => "token_type_ids",
        Role::Features => "features",
        Role::Tokens => "tokens",
        Role::Tags => "tags",
        Role::Messages => "messages",
        Role::Prompt => "prompt",
        Role::Completion => "completion",
        Role::Source => "source",
        Role::Target => "target",
        Role::TargetIds => "target_ids",
        Role::Text | Role::Extra => "text",
    };
    E::FIELDS.iter().find(|field| field.role == role).map_or(standard, |field| field.column)
}

fn data_error(message: String) -> Error {
    Error::new(ErrorKind::Data, message)
}
