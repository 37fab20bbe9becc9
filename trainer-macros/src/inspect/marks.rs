//! What must hold between the tokens of a row and the numbers beside them, whatever their types are.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::error::{Error, ErrorKind};
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
                let message = format!("`{column}` has {tokens} tokens, but `{other}` has {count}");
                found.push((rule, error(message).help("one number for each token")));
            }
            found.extend(mask.and_then(|mask| wrong_mask(name(Role::AttentionMask), &mask)));
        }
    }
    found
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
