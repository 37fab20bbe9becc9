//! What must hold between the tokens of a row and what stands beside them, and within its messages, whatever their types are.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::error::{Error, ErrorKind};
use super::read::messages::role_and_content;
use super::seen::ColumnSeen;
use crate::example::role::Role;

/// The rules that one row breaks; `list` gives the list in the column of a role.
pub(super) fn mistakes<'a>(
    list: impl Fn(Role) -> Option<Cow<'a, [Json]>>,
    columns: &[ColumnSeen],
) -> Vec<(&'static str, Error)> {
    let name = |role| columns.iter().find(|column| column.role == role).map_or("", |column| column.name.as_str());
    let mut found = Vec::new();
    if let Some(ids) = list(Role::InputIds) {
        let column = name(Role::InputIds);
        let mask = list(Role::AttentionMask);
        if ids.is_empty() {
            let help = "leave the row out, or give it at least one token";
            found.push(("no tokens", error(format!("`{column}` is empty")).help(help)));
        } else {
            let types = list(Role::TokenTypeIds);
            let beside = [("mask", &mask, Role::AttentionMask), ("types", &types, Role::TokenTypeIds)];
            for (rule, marks, role) in beside {
                let Some(marks) = marks.as_ref().filter(|marks| marks.len() != ids.len()) else { continue };
                let (tokens, count, other) = (ids.len(), marks.len(), name(role));
                let plural = if tokens == 1 { "" } else { "s" };
                let message = format!("`{column}` has {tokens} token{plural}, but `{other}` has {count}");
                found.push((rule, error(message).help("one number for each token")));
            }
            found.extend(mask.and_then(|mask| wrong_mask(name(Role::AttentionMask), &mask)));
        }
    }
    let words = list(Role::Tokens);
    found.extend(words.as_ref().and_then(|words| wrong_words(name(Role::Tokens), words)));
    let ids = || list(Role::InputIds).map(|ids| (ids.len(), Role::InputIds, "token"));
    let tagged = words.map(|words| (words.len(), Role::Tokens, "word")).or_else(ids);
    if let (Some((count, of, unit)), Some(tags)) = (tagged, list(Role::Tags))
        && count != tags.len()
    {
        let (of, column, other) = (name(of), name(Role::Tags), tags.len());
        let plural = if count == 1 { "" } else { "s" };
        let message = format!("`{of}` has {count} {unit}{plural}, but `{column}` has {other}");
        found.push(("tags", error(message).help(format!("one tag for each {unit}"))));
    }
    found.extend(list(Role::Messages).and_then(|messages| wrong_messages(name(Role::Messages), &messages)));
    found
}

fn wrong_words(name: &str, words: &[Json]) -> Option<(&'static str, Error)> {
    if words.is_empty() {
        let help = "leave the row out, or give it at least one word";
        return Some(("no words", error(format!("`{name}` is empty")).help(help)));
    }
    // One word without a token is counted by the run, which has the tokenizer.
    let is_blank = |word: &Json| word.as_str().is_some_and(|word| word.trim().is_empty());
    words.iter().all(is_blank).then(|| {
        let help = "leave the row out, or give it at least one word";
        ("blank words", error(format!("`{name}` holds only white space")).help(help))
    })
}

fn wrong_messages(name: &str, messages: &[Json]) -> Option<(&'static str, Error)> {
    if messages.is_empty() {
        let help = "leave the row out, or give it at least one message";
        return Some(("no messages", error(format!("`{name}` is empty")).help(help)));
    }
    // What is no object is another mistake, found by the type of the field.
    let mut objects = messages.iter().enumerate().filter(|(_, message)| message.is_object());
    let wrong = objects.find_map(|(at, message)| role_and_content(&format!("{name}[{at}]"), message).err());
    Some(("messages", wrong?))
}

fn wrong_mask(name: &str, mask: &[Json]) -> Option<(&'static str, Error)> {
    // What is no whole number is another mistake, found by the type of the field.
    let mask: Vec<u64> = mask.iter().map(Json::as_u64).collect::<Option<_>>()?;
    if let Some((position, value)) = mask.iter().enumerate().find(|(_, value)| **value > 1) {
        return Some(("mask values", error(format!("`{name}[{position}]` is {value}, expected 0 or 1"))));
    }
    if mask.is_empty() || mask.contains(&1) {
        return None;
    }
    let message = format!("`{name}` is 0 everywhere, so that nothing is left of the row");
    Some(("mask of zeros", error(message).help("1 for each token, 0 for padding")))
}

fn error(message: String) -> Error {
    Error::new(ErrorKind::Data, message)
}
