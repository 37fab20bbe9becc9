//! What was seen in the column of a field, row by row, as the macros see it.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::lists::Lists;
use super::values::{Found, Kind, Values};
use crate::data::{Content, Field, Role, Row};

/// What was seen in a column.
pub(super) struct ColumnSeen {
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) rows: usize,
    pub(super) missing: Option<Missing>,
    pub(super) values: Values,
    pub(super) lists: Option<Lists>,
}

/// Rows that have no such column.
pub(super) struct Missing {
    /// The first of them.
    pub(super) line: usize,
    pub(super) rows: usize,
    /// The columns that it has.
    pub(super) columns: Vec<String>,
}

impl ColumnSeen {
    /// Nothing yet.
    pub(super) fn new(field: &Field) -> Self {
        let values = Values::new(is_label(field.role));
        Self { name: field.column, role: field.role, rows: 0, missing: None, values, lists: None }
    }

    /// Takes in the row's cell.
    pub(super) fn take_in(&mut self, row: &Row<'_>) {
        let (found, list) = match row.content(self.name) {
            Content::Missing => return self.take_in_missing(row),
            Content::Json(cell) => (Found::json(cell), self.list(cell)),
            Content::Text(text) => {
                let list = self.list_in(text);
                (Found::characters(text, list.is_some()), list)
            }
        };
        self.rows += 1;
        let found = if is_text(self.role) { found.as_text() } else { found };
        self.values.take_in(&found, row.line(), None);
        if let (Kind::List, Some(list)) = (found.kind, list) {
            let none_yet = || match self.role {
                Role::Tags => Lists::of_tags(),
                role => Lists::new(is_label(role)),
            };
            let lists = self.lists.get_or_insert_with(none_yet);
            lists.take_in(&list, row.line());
        }
    }

    fn take_in_missing(&mut self, row: &Row<'_>) {
        match &mut self.missing {
            Some(missing) => missing.rows += 1,
            None => {
                let columns = row.columns().map(str::to_owned).collect();
                self.missing = Some(Missing { line: row.line(), rows: 1, columns });
            }
        }
    }

    fn list<'a>(&self, cell: &'a Json) -> Option<Cow<'a, [Json]>> {
        match cell {
            Json::Array(list) if !is_text(self.role) => Some(Cow::Borrowed(list)),
            _ => None,
        }
    }

    fn list_in(&self, text: &str) -> Option<Cow<'static, [Json]>> {
        let is_list = !is_text(self.role) && text.trim_start().starts_with('[');
        is_list.then(|| serde_json::from_str(text).ok().map(Cow::Owned)).flatten()
    }
}

fn is_text(role: Role) -> bool {
    matches!(role, Role::Text | Role::TextPair | Role::Prompt | Role::Completion | Role::Source | Role::Target)
}

/// Whether the values of a field with this role may be classes.
pub(super) fn is_label(role: Role) -> bool {
    matches!(role, Role::Label | Role::Labels | Role::Tags | Role::Extra)
}
