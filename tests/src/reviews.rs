//! Example types of the tests, written by hand as `#[derive(Example)]` writes them, and data files for them.

use std::path::PathBuf;

use tempfile::TempDir;
use trainer_core::Result;
use trainer_core::data::{
    ClassLabel, Column, Dataset, Example, Field, Files, Input, LabelColumn, Role, Row, SequenceClassification, Target,
};

/// How good something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    /// Bad.
    Negative,
    /// Neither.
    Neutral,
    /// Good.
    Positive,
}

impl ClassLabel for Rating {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["negative", "neutral", "positive"];
    const TYPE_NAME: &'static str = "Rating";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Negative, Self::Neutral, Self::Positive].get(index).copied()
    }
}

const NO_FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

const fn field(name: &'static str, role: Role) -> Field {
    Field { name, column: name, role }
}

/// A text with a label of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled<L> {
    /// The text.
    pub text: String,
    /// Its label.
    pub label: L,
}

impl<L> Example for Labelled<L>
where
    L: LabelColumn + Column + Send + Sync + 'static,
{
    type Task = <L as LabelColumn>::Task;
    const NAME: &'static str = "Review";
    const FIELDS: &'static [Field] = &[field("text", Role::Text), field("label", Role::Label)];
    const FILES: Files = NO_FILES;

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { text: row.column("text")?, label: row.column("label")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Text { text: &self.text, pair: None }
    }

    fn target(&self) -> Target {
        self.label.target()
    }
}

/// A text with a class.
pub type Review = Labelled<Rating>;

/// Data that is already tokenised, and files named on the struct.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokenised {
    /// The ids of its tokens.
    pub input_ids: Vec<u32>,
    /// 1 for a token, 0 for padding.
    pub attention_mask: Option<Vec<u32>>,
    /// Its class.
    pub label: Rating,
}

impl Example for Tokenised {
    type Task = SequenceClassification<Rating>;
    const NAME: &'static str = "Tokenised";
    const FIELDS: &'static [Field] = &[
        field("input_ids", Role::InputIds),
        field("attention_mask", Role::AttentionMask),
        field("label", Role::Label),
    ];
    const FILES: Files = Files {
        manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"),
        train: Some("data/tokenised.jsonl"),
        eval: Some("data/none.jsonl"),
        ..NO_FILES
    };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            input_ids: row.column("input_ids")?,
            attention_mask: row.column("attention_mask")?,
            label: row.column("label")?,
        })
    }

    fn input(&self) -> Input<'_> {
        Input::Tokens {
            input_ids: &self.input_ids,
            attention_mask: self.attention_mask.as_deref(),
            token_type_ids: None,
        }
    }

    fn target(&self) -> Target {
        self.label.target()
    }
}

/// A file of that name and content, in a folder that lives as long as the guard.
///
/// # Panics
/// If the system has no room for a temporary file.
pub fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// Reads a file of that name and content.
pub fn read<E: Example>(name: &str, content: impl AsRef<[u8]>) -> Result<Dataset<E>> {
    let (_folder, path) = file(name, content);
    Dataset::from_file(&path)
}
