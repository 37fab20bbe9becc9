//! What was seen in a data file, column by column.
//!
//! What comes in: rows, in any format. What goes out: [`Seen`], which the derive writes into the program as a constant of
//! the core's `data::seen`, and the mistakes that are mistakes whatever the fields' types are.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::error::Error;
use super::lists::Lists;
use super::marks;
use super::read::{Row, shown};
use super::values::{Found, Kind, Values};
use crate::example::role::Role;

/// What was seen in a data file.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The file as the attribute names it.
    pub(crate) file: String,
    /// How many rows it has, if that is known.
    pub(crate) rows: Option<usize>,
    /// Whether every row was looked at.
    pub(crate) complete: bool,
    /// Whether its cells are characters, which have no type.
    pub(crate) characters: bool,
    /// Whether it has no lines, and its rows are numbered.
    pub(crate) numbered: bool,
    /// The columns that fields are read from, in the order of the struct.
    pub(crate) columns: Vec<ColumnSeen>,
    /// Mistakes that need no type to be seen, each rule's first.
    pub(crate) mistakes: Vec<Mistake>,
    /// Why what was seen may not be what the file has now.
    pub(crate) outdated: Option<String>,
    taken_in: usize,
}

/// What was seen in a column.
#[derive(Debug)]
pub(crate) struct ColumnSeen {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) missing: Option<Missing>,
    pub(crate) values: Values,
    pub(crate) lists: Option<Lists>,
    /// The first of the labels that are more or fewer than the tokens: which of them have to be as many, their type says.
    pub(crate) unlike: Option<Unlike>,
}

/// Labels that are not as many as the tokens of their row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unlike {
    pub(crate) line: usize,
    pub(crate) tokens: usize,
    pub(crate) labels: usize,
}

/// Rows that have no such column.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The first of them; of a file of characters the header.
    pub(crate) line: usize,
    pub(crate) rows: usize,
    /// The columns that the first of them has.
    pub(crate) columns: Vec<String>,
}

/// A rule that a row breaks.
#[derive(Debug)]
pub(crate) struct Mistake {
    rule: &'static str,
    pub(crate) error: Error,
    /// How many rows break it.
    pub(crate) rows: usize,
}

impl Seen {
    /// Nothing yet, of a file that has these columns for fields with these roles.
    pub(crate) fn new(file: &str, characters: bool, columns: &[(String, Role)]) -> Self {
        let column = |(name, role): &(String, Role)| ColumnSeen {
            name: name.clone(),
            role: *role,
            missing: None,
            values: Values::new(role.is_label()),
            lists: None,
            unlike: None,
        };
        let columns = columns.iter().map(column).collect();
        let file = file.to_owned();
        Self {
            file,
            rows: None,
            complete: false,
            characters,
            numbered: false,
            columns,
            mistakes: Vec::new(),
            outdated: None,
            taken_in: 0,
        }
    }

    /// Takes in one row.
    pub(crate) fn take_in(&mut self, row: &Row<'_>) {
        self.taken_in += 1;
        for column in &mut self.columns {
            column.take_in(row);
        }
        self.compare_labels(row);
        let list = |role| self.columns.iter().find(|column| column.role == role).and_then(|column| column.list(row));
        for (rule, error) in marks::mistakes(list, &self.columns) {
            match self.mistakes.iter_mut().find(|known| known.rule == rule) {
                Some(known) => known.rows += 1,
                None => {
                    let between = if self.numbered { ": row " } else { ":" };
                    let error = error.at(format!("{}{between}{}", self.file, row.line));
                    self.mistakes.push(Mistake { rule, error, rows: 1 });
                }
            }
        }
    }

    fn compare_labels(&mut self, row: &Row<'_>) {
        let list = |role| self.columns.iter().find(|column| column.role == role).and_then(|column| column.list(row));
        let (Some(ids), Some(labels)) = (list(Role::InputIds), list(Role::Labels)) else { return };
        let unlike = Unlike { line: row.line, tokens: ids.len(), labels: labels.len() };
        if unlike.tokens == unlike.labels {
            return;
        }
        if let Some(column) = self.columns.iter_mut().find(|column| column.role == Role::Labels) {
            column.unlike = column.unlike.or(Some(unlike));
        }
    }

    /// How many rows were looked at.
    pub(crate) fn taken_in(&self) -> usize {
        self.taken_in
    }
}

impl ColumnSeen {
    fn take_in(&mut self, row: &Row<'_>) {
        let Some(cell) = row.cells.get(&self.name) else {
            return self.take_in_missing(row);
        };
        let list = self.list(row);
        let found = match cell {
            Json::String(text) if row.characters => Found::characters(text, list.is_some()),
            value => Found::json(value),
        };
        let found = if self.role.is_text() { found.as_text() } else { found };
        self.values.take_in(&found, row.line, None);
        if let (Kind::List, Some(list)) = (found.kind, list) {
            let none_yet = || match self.role {
                Role::Tags => Lists::of_tags(),
                role => Lists::new(role.is_label()),
            };
            let lists = self.lists.get_or_insert_with(none_yet);
            lists.take_in(&list, row.line);
        }
    }

    /// What helps where rows lack the column: the one that was perhaps meant, and those that the first of them has.
    pub(crate) fn help(&self, missing: &Missing) -> String {
        let columns = missing.columns.iter().map(String::as_str);
        shown::without_column(&self.name, columns, !self.values.is_empty()).join("\nhelp: ")
    }

    fn take_in_missing(&mut self, row: &Row<'_>) {
        match &mut self.missing {
            Some(missing) => missing.rows += 1,
            None => {
                let line = if row.characters { 1 } else { row.line };
                let columns = row.columns().map(str::to_owned).collect();
                self.missing = Some(Missing { line, rows: 1, columns });
            }
        }
    }

    /// The list in the cell, which in a file of characters is written as a JSON array.
    fn list<'a>(&self, row: &Row<'a>) -> Option<Cow<'a, [Json]>> {
        if self.role.is_text() {
            return None;
        }
        match row.cells.get(&self.name)? {
            Json::Array(list) => Some(Cow::Borrowed(list)),
            Json::String(text) if row.characters && text.trim_start().starts_with('[') => {
                serde_json::from_str(text).ok().map(Cow::Owned)
            }
            _ => None,
        }
    }
}
