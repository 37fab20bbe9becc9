//! The rules: does a type take what a column holds?

use super::nearest::nearest;
use super::{ColumnSeen, Kind, Seen, Value, Verdict, lists};
use crate::args::rules::{Words, same};
use crate::data::IGNORE;
use crate::data::takes::{NOTHING, Takes, said};

/// Comparisons of names that one rule may make; the compiler stops longer ones.
const COMPARISONS: usize = 40_000;

/// A column is there in every row, unless the type takes nothing too.
pub const fn column_is_there(seen: &Seen, column: &ColumnSeen, takes: &Takes) -> Verdict {
    let Some(missing) = column.missing else { return Verdict::Accepted };
    if matches!(takes, Takes::Optional(_) | Takes::Anything) {
        return Verdict::Accepted;
    }
    let (place, what) = if seen.numbered {
        (Words::new().then(seen.file).then(": "), "this file has no `")
    } else if seen.characters {
        (place(seen, missing.line), "the header has no `")
    } else {
        (place(seen, missing.line), "this row has no `")
    };
    let message = place.then(what).then(column.name).then("`");
    let help = Words::new().then(missing.help);
    // A header or a schema is one for all rows.
    let more = if seen.characters || seen.numbered { 0 } else { missing.rows.saturating_sub(1) };
    Verdict::refused(message, and_more(&help, more, "has none either", "have none either"))
}

/// The type takes the column's values of one kind; each kind is a mistake of its own.
pub const fn kind_fits(seen: &Seen, column: &ColumnSeen, takes: &Takes, kind: Kind) -> Verdict {
    let mut at = 0;
    let mut left = match takes.classes() {
        Some(labels) => COMPARISONS / (labels.names.len() + 1) + 1,
        None => usize::MAX,
    };
    while at < column.values.len() && left > 0 {
        let value = &column.values[at];
        if value.kind as usize == kind as usize {
            let verdict = fault(seen, column.name, takes, value, seen.characters);
            if let Some(refusal) = verdict {
                return with_the_others(seen, column, takes, at, refusal);
            }
            left -= 1;
        }
        at += 1;
    }
    match column.lists {
        Some(found) if kind as usize == Kind::List as usize => lists::lists_fit(seen, column.name, takes, found),
        _ => Verdict::Accepted,
    }
}

/// Whether some class has no example, where every row was looked at and every label is a class.
pub const fn some_class_is_missing(seen: &Seen, column: &ColumnSeen, takes: &Takes) -> bool {
    let Some(labels) = takes.classes() else { return false };
    let (values, element) = match column.lists {
        Some(found) if !found.vectors.is_empty() => return false,
        Some(found) => (found.elements, true),
        None => (column.values, false),
    };
    if !seen.complete || labels.names.len() * values.len() > COMPARISONS || values.is_empty() {
        return false;
    }
    let mut at = 0;
    while at < values.len() {
        let characters = seen.characters && !element;
        let known = class_of(labels.names, &values[at], characters).is_some();
        if !known && values[at].kind as usize != Kind::Null as usize {
            return false;
        }
        at += 1;
    }
    let mut class = 0;
    while class < labels.names.len() {
        let (mut found, mut at) = (false, 0);
        while at < values.len() && !found {
            found = match class_of(labels.names, &values[at], seen.characters && !element) {
                Some(index) => index == class,
                None => false,
            };
            at += 1;
        }
        if !found {
            return true;
        }
        class += 1;
    }
    false
}

/// Why a value does not fit, if it does not.
pub(super) struct Refusal {
    pub(super) message: Words,
    pub(super) help: Words,
}

/// What speaks against one value.
pub(super) const fn fault(seen: &Seen, name: &str, takes: &Takes, value: &Value, characters: bool) -> Option<Refusal> {
    let fits = match takes {
        Takes::Anything => true,
        Takes::Optional(inner) => {
            let nothing = match value.kind {
                Kind::Null => true,
                Kind::Blank => characters && value.text.is_empty(),
                _ => false,
            };
            return if nothing { None } else { fault(seen, name, inner, value, characters) };
        }
        Takes::Text => match value.kind {
            Kind::Blank => return Some(blank(seen, name, value)),
            Kind::Text => true,
            _ => characters,
        },
        Takes::Flag => match value.kind {
            Kind::Flag => true,
            Kind::Whole => characters && (value.whole == 0 || value.whole == 1),
            _ => false,
        },
        Takes::Whole { least, most } => {
            matches!(value.kind, Kind::Whole) && value.whole >= *least && value.whole <= *most
        }
        Takes::Single | Takes::Double => match value.kind {
            Kind::Whole => true,
            Kind::Real if is_finite(takes, value.real) => true,
            Kind::Real => {
                let message = is(seen, name, value).then(", ").then(said::NOT_FINITE);
                return Some(Refusal { message, help: Words::new() });
            }
            _ => false,
        },
        Takes::TokenLabel => {
            matches!(value.kind, Kind::Whole)
                && (value.whole == NOTHING || (value.whole >= 0 && value.whole < IGNORE as i128))
        }
        Takes::Message => matches!(value.kind, Kind::Object),
        Takes::Class(labels) | Takes::Tag(labels) | Takes::TagOrNothing(labels) => {
            let nothing = matches!(takes, Takes::TagOrNothing(_)) && is_nothing(value);
            if nothing || class_of(labels.names, value, characters).is_some() {
                return None;
            }
            return no_class(seen, name, takes, value, characters);
        }
        Takes::List(_) | Takes::Numbers(_) => matches!(value.kind, Kind::List),
    };
    if fits {
        return None;
    }
    let message = is(seen, name, value).then(", expected ").then(takes.expected(characters).as_str());
    let help = Words::new();
    Some(Refusal {
        message,
        help: if characters && takes.is_list_of_texts() { help.then(said::LISTS_ARE_JSON) } else { help },
    })
}

/// Whether it says that a word has no class.
const fn is_nothing(value: &Value) -> bool {
    matches!(value.kind, Kind::Null) || (matches!(value.kind, Kind::Whole) && value.whole == NOTHING)
}

const fn is_finite(takes: &Takes, number: f64) -> bool {
    match takes {
        Takes::Single => (number as f32).is_finite(),
        _ => number.is_finite(),
    }
}

const fn blank(seen: &Seen, name: &str, value: &Value) -> Refusal {
    let what = if value.text.is_empty() { " is empty" } else { " holds only white space" };
    let message = column(seen, name, value).then(what);
    Refusal { message, help: Words::new().then(said::GIVE_A_TEXT) }
}

const fn no_class(seen: &Seen, name: &str, takes: &Takes, value: &Value, characters: bool) -> Option<Refusal> {
    let Some(labels) = takes.classes() else { return None };
    let mut all = said::classes(labels.names);
    if matches!(takes, Takes::Tag(_)) && is_nothing(value) {
        all = all.then("\nhelp: ").then(said::TAGS_OR_NOTHING);
    }
    let is_named = characters || matches!(value.kind, Kind::Text);
    if !is_named && !matches!(value.kind, Kind::Whole | Kind::Real) {
        let expected = takes.expected(characters);
        let message = is(seen, name, value).then(", expected ").then(expected.as_str());
        return Some(Refusal { message, help: all });
    }
    let message = is(seen, name, value).then(", ").then(said::no_class(labels.type_name).as_str());
    match nearest(value.text, labels.names) {
        Some(near) if is_named => Some(Refusal { message, help: said::did_you_mean(near) }),
        _ => Some(Refusal { message, help: all }),
    }
}

/// The index of the class that a value names; of characters the name wins.
pub(super) const fn class_of(names: &[&str], value: &Value, characters: bool) -> Option<usize> {
    if characters || matches!(value.kind, Kind::Text) {
        let mut at = 0;
        while at < names.len() {
            if same(names[at], value.text) {
                return Some(at);
            }
            at += 1;
        }
    }
    if matches!(value.kind, Kind::Whole) && value.whole >= 0 && value.whole < names.len() as i128 {
        return Some(value.whole as usize);
    }
    None
}

/// The refusal of the value at `at`, with what other rows have.
const fn with_the_others(seen: &Seen, column: &ColumnSeen, takes: &Takes, at: usize, refusal: Refusal) -> Verdict {
    let value = &column.values[at];
    let Some(labels) = takes.classes() else {
        let rows = if column.distinct { rows_like(seen, column, takes, at) } else { value.rows };
        let help = and_more(&refusal.help, rows.saturating_sub(1), "is like it", "are like it");
        return Verdict::refused(refusal.message, help);
    };
    let mut help = and_more(&refusal.help, value.rows.saturating_sub(1), "is like it", "are like it");
    let (mut others, mut next) = (0, at + 1);
    while next < column.values.len() && others < 5 {
        let other = &column.values[next];
        let comparable = other.kind as usize == value.kind as usize && next * labels.names.len() < COMPARISONS;
        if comparable && class_of(labels.names, other, seen.characters).is_none() {
            let between = if others > 0 {
                ", "
            } else if help.as_str().is_empty() {
                "no classes either: "
            } else {
                "\nhelp: no classes either: "
            };
            help = help
                .then(between)
                .then(other.shown)
                .then(if seen.numbered { " (row " } else { " (line " })
                .number(other.line as i128)
                .then(")");
            others += 1;
        }
        next += 1;
    }
    Verdict::refused(refusal.message, help)
}

/// How many rows have a value of this kind that the type does not take, from the one at `at` on: the first of them.
const fn rows_like(seen: &Seen, column: &ColumnSeen, takes: &Takes, at: usize) -> usize {
    let kind = column.values[at].kind as usize;
    let (mut rows, mut next) = (column.values[at].rows, at + 1);
    while next < column.values.len() {
        let other = &column.values[next];
        // Of numbers with a fraction that are no characters the first has the count of all.
        let counts = !matches!(other.kind, Kind::Real) || !other.text.is_empty();
        if counts && other.kind as usize == kind && fault(seen, column.name, takes, other, seen.characters).is_some() {
            rows += other.rows;
        }
        next += 1;
    }
    rows
}

/// The help, and how many other rows it is for.
const fn and_more(help: &Words, rows: usize, one: &str, several: &str) -> Words {
    if rows == 0 {
        return *help;
    }
    let help = if help.as_str().is_empty() { *help } else { help.then("\nhelp: ") };
    let help = help.number(rows as i128).then(if rows == 1 { " more row " } else { " more rows " });
    help.then(if rows == 1 { one } else { several })
}

/// `file:line: `, or `file: row number: `.
pub(super) const fn place(seen: &Seen, line: usize) -> Words {
    let between = if seen.numbered { ": row " } else { ":" };
    Words::new().then(seen.file).then(between).number(line as i128).then(": ")
}

/// The place and the column, with the position of a list's element.
pub(super) const fn column(seen: &Seen, name: &str, value: &Value) -> Words {
    let words = place(seen, value.line).then("`").then(name);
    match value.index {
        Some(index) => words.then("[").number(index as i128).then("]`"),
        None => words.then("`"),
    }
}

/// The place, the column, and what it is.
pub(super) const fn is(seen: &Seen, name: &str, value: &Value) -> Words {
    column(seen, name, value).then(" is ").then(value.shown)
}
