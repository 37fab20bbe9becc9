//! What was seen, as JSON to be committed: the same file gives the same bytes, one value a line.

use serde_json::{Map, Number, Value as Json, json};

use super::column::{ColumnSeen, is_label};
use super::lists::Lists;
use super::values::{Kind, Value, Values};
use crate::data::Role;

/// A column that is merely kept may hold names or numbers of people: with more different texts than this, none is written.
const KEPT: usize = 50;

/// What was seen in a column; `characters` are the cells of CSV and TSV files.
pub(super) fn column(column: &ColumnSeen, characters: bool) -> Json {
    let mut written = Map::new();
    written.insert("name".to_owned(), column.name.into());
    written.insert("role".to_owned(), role(column.role).into());
    written.insert("rows".to_owned(), column.rows.into());
    if let Some(missing) = &column.missing {
        let found = json!({ "line": missing.line, "rows": missing.rows, "columns": missing.columns });
        written.insert("missing".to_owned(), found);
    }
    give_values(&mut written, &column.values, column.role, characters);
    if let Some(found) = &column.lists {
        written.insert("lists".to_owned(), lists(found, column.role));
    }
    Json::Object(written)
}

/// The role as the attribute spells it.
fn role(role: Role) -> &'static str {
    match role {
        Role::Text => "text",
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
        Role::Extra => "extra",
    }
}

fn lists(found: &Lists, role: Role) -> Json {
    let length = |(line, length): (usize, usize)| json!({ "line": line, "length": length });
    let mut written = Map::new();
    written.insert("shortest".to_owned(), length(found.shortest));
    written.insert("longest".to_owned(), length(found.longest));
    give_values(&mut written, &found.elements, role, false);
    let vectors = found.vectors.iter().map(|vector| {
        let mut written = Map::new();
        written.insert("length".to_owned(), vector.length.into());
        written.insert("line".to_owned(), vector.line.into());
        written.insert("first".to_owned(), value(&vector.first, false, true));
        let others = [("odd", &vector.odd), ("repeated", &vector.repeated)];
        for (name, found) in others.into_iter().filter_map(|(name, found)| Some((name, found.as_ref()?))) {
            written.insert(name.to_owned(), value(found, false, true));
        }
        Json::Object(written)
    });
    let vectors: Vec<Json> = vectors.collect();
    if !vectors.is_empty() {
        written.insert("vectors".to_owned(), vectors.into());
    }
    if let Some(repeated) = &found.repeated {
        written.insert("repeated".to_owned(), value(repeated, false, true));
    }
    Json::Object(written)
}

/// Writes the values, and whether these are all labels or some, if they are labels.
fn give_values(written: &mut Map<String, Json>, values: &Values, role: Role, characters: bool) {
    let mut kept = values.kept();
    kept.sort_by(|left, right| (left.line, left.index, &left.shown).cmp(&(right.line, right.index, &right.shown)));
    let texts = kept.iter().filter(|value| value.kind == Kind::Text).count();
    let are_labels = is_label(role) && (role != Role::Extra || texts <= KEPT);
    if are_labels {
        written.insert("labels".to_owned(), if values.has_all_labels() { "all" } else { "some" }.into());
    } else {
        // Of texts that are no labels the first stands for all.
        let mut is_first = true;
        kept.retain(|value| value.kind != Kind::Text || std::mem::take(&mut is_first));
    }
    let values: Vec<Json> = kept.iter().map(|found| value(found, characters, are_labels)).collect();
    written.insert("values".to_owned(), values.into());
}

/// A value, with what it is where that is no text of the data's.
fn value(found: &Value, characters: bool, is_label: bool) -> Json {
    let mut written = Map::new();
    written.insert("kind".to_owned(), kind(found.kind).into());
    written.insert("line".to_owned(), found.line.into());
    if let Some(index) = found.index {
        written.insert("index".to_owned(), index.into());
    }
    written.insert("rows".to_owned(), found.rows.into());
    let is = match found.kind {
        Kind::Null | Kind::List | Kind::Object => None,
        Kind::Text if !is_label => None,
        Kind::Text | Kind::Blank => Some(found.text.clone().into()),
        _ if characters => Some(found.text.clone().into()),
        Kind::Flag => Some((found.shown == "true").into()),
        Kind::Whole => {
            i64::try_from(found.whole).map(Json::from).or_else(|_| u64::try_from(found.whole).map(Json::from)).ok()
        }
        Kind::Real => Number::from_f64(found.real).map(Json::Number),
    };
    if let Some(is) = is {
        written.insert("value".to_owned(), is);
    }
    Json::Object(written)
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Flag => "flag",
        Kind::Whole => "whole",
        Kind::Real => "real",
        Kind::Text => "text",
        Kind::Blank => "blank",
        Kind::List => "list",
        Kind::Object => "object",
    }
}

/// As text, with what is short on one line, so that a change of the data is a readable change of the summary.
pub(super) fn pretty(value: &Json) -> String {
    let mut text = String::new();
    give(&mut text, value, 0);
    text.push('\n');
    text
}

/// The longest value that stands on one line, in bytes.
const LINE: usize = 100;

fn give(text: &mut String, value: &Json, depth: usize) {
    let compact = value.to_string();
    let is_short = compact.len() <= LINE && depth > 0;
    let (open, close, parts): (char, char, Vec<(String, &Json)>) = match value {
        Json::Array(values) if !is_short && !values.is_empty() => {
            ('[', ']', values.iter().map(|value| (String::new(), value)).collect())
        }
        Json::Object(fields) if !is_short && !fields.is_empty() => {
            let fields = fields.iter().map(|(name, value)| (format!("{}: ", Json::from(name.as_str())), value));
            ('{', '}', fields.collect())
        }
        _ => return text.push_str(&compact),
    };
    text.push(open);
    for (position, (name, value)) in parts.into_iter().enumerate() {
        text.push_str(if position == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        text.push_str(&name);
        give(text, value, depth + 1);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}
