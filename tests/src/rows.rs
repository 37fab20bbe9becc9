//! The rows of the reference's data sets, tokenised already.

use std::marker::PhantomData;

use trainer_core::Result;
use trainer_core::data::{
    ClassLabel, Column, Dataset, Example, Field, Files, IGNORE, Input, LabelColumn, Role, Row, Target, Task,
};

/// The classes of the reference's sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Bad.
    Negative,
    /// Neither.
    Neutral,
    /// Good.
    Positive,
}

impl ClassLabel for Tone {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["negative", "neutral", "positive"];
    const TYPE_NAME: &'static str = "Tone";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Negative, Self::Neutral, Self::Positive].get(index).copied()
    }
}

/// A row of the reference's data sets.
#[derive(Clone, Debug)]
pub struct Tokens<L> {
    /// The reference's own number of the row.
    pub idx: u32,
    /// Token ids.
    pub input_ids: Vec<u32>,
    /// The label.
    pub labels: L,
}

impl<L: LabelColumn + Column + Send + Sync + 'static> Example for Tokens<L> {
    type Task = L::Task;
    const NAME: &'static str = "Tokens";
    const FIELDS: &'static [Field] = &[
        Field { name: "idx", column: "idx", role: Role::Extra },
        Field { name: "input_ids", column: "input_ids", role: Role::InputIds },
        Field { name: "labels", column: "labels", role: Role::Label },
    ];
    const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { idx: row.column("idx")?, input_ids: row.column("input_ids")?, labels: row.column("labels")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Tokens { input_ids: &self.input_ids, attention_mask: None, token_type_ids: None }
    }

    fn target(&self) -> Target {
        self.labels.target()
    }
}

/// A row whose tokens have labels, -100 where nothing is to be found.
#[derive(Clone, Debug)]
pub struct LabelledTokens<T> {
    /// The reference's own number of the row.
    pub idx: u32,
    /// Token ids.
    pub input_ids: Vec<u32>,
    /// The label of each.
    pub labels: Vec<u32>,
    task: PhantomData<fn() -> T>,
}

impl<T: Task> Example for LabelledTokens<T> {
    type Task = T;
    const NAME: &'static str = "LabelledTokens";
    const FIELDS: &'static [Field] = &[
        Field { name: "idx", column: "idx", role: Role::Extra },
        Field { name: "input_ids", column: "input_ids", role: Role::InputIds },
        Field { name: "labels", column: "labels", role: Role::Tags },
    ];
    const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        let labels: Vec<i64> = row.column("labels")?;
        let labels = labels.into_iter().map(|label| u32::try_from(label).unwrap_or(IGNORE)).collect();
        Ok(Self { idx: row.column("idx")?, input_ids: row.column("input_ids")?, labels, task: PhantomData })
    }

    fn input(&self) -> Input<'_> {
        Input::Tokens { input_ids: &self.input_ids, attention_mask: None, token_type_ids: None }
    }

    fn target(&self) -> Target {
        Target::Tokens(self.labels.clone())
    }
}

/// A row that the reference has numbered.
pub trait Numbered {
    /// Its number.
    fn idx(&self) -> u32;
}

impl<L> Numbered for Tokens<L> {
    fn idx(&self) -> u32 {
        self.idx
    }
}

impl<T> Numbered for LabelledTokens<T> {
    fn idx(&self) -> u32 {
        self.idx
    }
}

/// One part (`train`, `eval`) of a data set of the reference.
///
/// # Panics
/// If the fixture does not hold it.
pub fn dataset<E: Example>(name: &str, part: &str) -> Dataset<E> {
    let rows = crate::json(&format!("training/datasets/{name}.json"));
    let rows = rows[part].as_array().expect("rows").iter().map(|cells| {
        let cells = cells.as_object().expect("a row is an object");
        E::from_row(&Row::new(name, 0, cells)).expect("a row of the fixture fits")
    });
    Dataset::from_examples(rows.collect())
}
