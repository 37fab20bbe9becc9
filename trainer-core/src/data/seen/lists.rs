//! The rules for lists: their elements, their lengths, and the vectors of 0 and 1.

use super::rules::{Refusal, class_of, fault, is, place};
use super::{ColumnSeen, Kind, Lists, Seen, Value, Vector, Verdict};
use crate::args::rules::Words;
use crate::data::LabelSet;
use crate::data::takes::{Takes, said};

/// The type takes what the lists of the column `name` hold.
pub(super) const fn lists_fit(seen: &Seen, name: &str, takes: &Takes, lists: &Lists) -> Verdict {
    match takes {
        Takes::Optional(inner) => lists_fit(seen, name, inner, lists),
        Takes::List(Takes::Class(labels)) => classes_fit(seen, name, *labels, lists),
        Takes::List(inner) => elements_fit(seen, name, inner, lists),
        Takes::Numbers(_) => elements_fit(seen, name, &Takes::Single, lists),
        _ => Verdict::Accepted,
    }
}

const fn elements_fit(seen: &Seen, name: &str, inner: &Takes, lists: &Lists) -> Verdict {
    let mut at = 0;
    while at < lists.elements.len() {
        if let Some(refusal) = fault(seen, name, inner, &lists.elements[at], false) {
            return refused(refusal);
        }
        at += 1;
    }
    at = 0;
    while at < lists.vectors.len() {
        let Vector { first, odd, .. } = &lists.vectors[at];
        if let Some(refusal) = fault(seen, name, inner, first, false) {
            return refused(refusal);
        }
        if let Some(odd) = odd
            && let Some(refusal) = fault(seen, name, inner, odd, false)
        {
            return refused(refusal);
        }
        at += 1;
    }
    Verdict::Accepted
}

/// The column's lists are as long as the type says, if it does.
pub const fn lists_are_as_long(seen: &Seen, column: &ColumnSeen, takes: &Takes) -> Verdict {
    let Some(lists) = column.lists else { return Verdict::Accepted };
    let count = match takes {
        Takes::Numbers(count) | Takes::Optional(Takes::Numbers(count)) => *count,
        _ => return Verdict::Accepted,
    };
    let other = if lists.shortest.length != count {
        lists.shortest
    } else if lists.longest.length != count {
        lists.longest
    } else {
        return Verdict::Accepted;
    };
    let message = place(seen, other.line).then("`").then(column.name).then("` ");
    Verdict::refused(message.then(said::other_length(other.length, count).as_str()), Words::new())
}

/// Labels of tokens are as many as the tokens; in the row at `line` they are not.
pub const fn labels_are_as_long(
    seen: &Seen,
    column: &ColumnSeen,
    takes: &Takes,
    ids: &str,
    line: usize,
    tokens: usize,
    labels: usize,
) -> Verdict {
    if !matches!(takes, Takes::List(Takes::TokenLabel)) {
        return Verdict::Accepted;
    }
    let message = place(seen, line).then("`").then(ids).then("` has ").number(tokens as i128);
    let message = message.then(if tokens == 1 { " token, but `" } else { " tokens, but `" });
    let message = message.then(column.name).then("` has ").number(labels as i128);
    Verdict::refused(message, Words::new().then(said::A_LABEL_FOR_EACH))
}

/// Numbers that a model looks at are some, and as many as the type says.
pub const fn no_list_is_empty(seen: &Seen, column: &ColumnSeen, takes: &Takes) -> Verdict {
    match (column.lists, takes) {
        (Some(lists), Takes::List(_)) if lists.shortest.length == 0 => {
            let message = place(seen, lists.shortest.line).then("`").then(column.name).then("` is empty");
            Verdict::refused(message, Words::new().then(said::GIVE_NUMBERS))
        }
        _ => lists_are_as_long(seen, column, takes),
    }
}

/// Several classes: their names or indices, each once; or a vector of 0 and 1.
const fn classes_fit(seen: &Seen, name: &str, labels: LabelSet, lists: &Lists) -> Verdict {
    let classes = labels.names.len();
    let class = Takes::Class(labels);
    let mut at = 0;
    while at < lists.elements.len() {
        let element = &lists.elements[at];
        if matches!(element.kind, Kind::Flag | Kind::Real) {
            return no_vector(seen, name, labels, element.line);
        }
        if let Some(refusal) = fault(seen, name, &class, element, false) {
            return refused(refusal);
        }
        at += 1;
    }
    at = 0;
    while at < lists.vectors.len() {
        let vector = &lists.vectors[at];
        if vector.length != classes {
            if let Some(odd) = &vector.odd {
                return no_vector(seen, name, labels, odd.line);
            }
            if let Some(repeated) = &vector.repeated {
                return named_again(seen, name, labels, repeated);
            }
        }
        at += 1;
    }
    match &lists.repeated {
        Some(repeated) => named_again(seen, name, labels, repeated),
        None => Verdict::Accepted,
    }
}

const fn no_vector(seen: &Seen, name: &str, labels: LabelSet, line: usize) -> Verdict {
    let message = place(seen, line).then("`").then(name).then("` is an array, ");
    let message = message.then(said::no_vector(labels.type_name).as_str());
    Verdict::refused(message, said::vector_or_names(labels.names.len()))
}

const fn named_again(seen: &Seen, name: &str, labels: LabelSet, repeated: &Value) -> Verdict {
    let Some(class) = class_of(labels.names, repeated, false) else { return Verdict::Accepted };
    let message = is(seen, name, repeated).then(", ").then(said::named_again(labels.names[class]).as_str());
    Verdict::refused(message, said::each_once(labels.names.len()))
}

const fn refused(refusal: Refusal) -> Verdict {
    Verdict::refused(refusal.message, refusal.help)
}
