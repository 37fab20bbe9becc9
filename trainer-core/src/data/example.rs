//! Examples: structs of the user's whose fields have roles.

use super::{Message, Row, Takes, Task};
use crate::error::Result;

/// A row of a data set as a struct; made by `#[derive(Example)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an example",
    label = "not a row of a data set",
    note = "write `#[derive(Example)]` on the struct `{Self}`"
)]
pub trait Example: Sized + Send + Sync + 'static {
    /// What a model learns from it.
    type Task: Task;
    /// The struct's own name, for messages.
    const NAME: &'static str;
    /// Its fields, in the order of the struct, without those marked `skip`.
    const FIELDS: &'static [Field];
    /// The data files named on the struct.
    const FILES: Files;
    /// How many rows the training file has, if that was seen while compiling.
    const TRAIN_ROWS: Option<usize> = None;

    /// Reads one row of a data file.
    fn from_row(row: &Row<'_>) -> Result<Self>;

    /// What goes into the model.
    fn input(&self) -> Input<'_>;

    /// What the model has to find.
    fn target(&self) -> Target;

    /// For each of [`FIELDS`](Self::FIELDS) whether a template of `formatting` can show it; none can if this is empty.
    const SHOWN: &'static [bool] = &[];

    /// The text of one of [`FIELDS`](Self::FIELDS) in a template; `None` if it has none.
    fn shown(&self, field: usize) -> Option<String> {
        let _ = field;
        None
    }
}

/// A field of an example and the column it is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name in the struct.
    pub name: &'static str,
    /// The column's name in the data file.
    pub column: &'static str,
    /// What the field is for.
    pub role: Role,
}

/// What a field of an example is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The text, or the first of a pair.
    Text,
    /// The second text of a pair.
    TextPair,
    /// The one class or number of the example.
    Label,
    /// The classes of the example.
    Labels,
    /// Token ids, when the data is already tokenised.
    InputIds,
    /// 1 for a token, 0 for padding.
    AttentionMask,
    /// 0 for the first text, 1 for the second.
    TokenTypeIds,
    /// Numbers for a model that takes tensors.
    Features,
    /// The words of a text, one by one.
    Tokens,
    /// The class of each word, or of each token id.
    Tags,
    /// The turns of a conversation.
    Messages,
    /// What the model is given.
    Prompt,
    /// What it has to answer.
    Completion,
    /// The text that another is written for.
    Source,
    /// The text that has to be written.
    Target,
    /// The text that has to be written, when the data is already tokenised.
    TargetIds,
    /// A column that is read and kept, but neither input nor target.
    Extra,
}

/// The data files named in `#[example(train = "…", eval = "…", test = "…")]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// The folder of the crate that declares the struct (`CARGO_MANIFEST_DIR`).
    pub manifest_dir: &'static str,
    /// The training file, relative to that folder.
    pub train: Option<&'static str>,
    /// The evaluation file.
    pub eval: Option<&'static str>,
    /// The test file.
    pub test: Option<&'static str>,
}

/// What goes into the model, as the example holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A text, or a pair of texts.
    Text {
        /// The text, or the first of a pair.
        text: &'a str,
        /// The second text.
        pair: Option<&'a str>,
    },
    /// Token ids.
    Tokens {
        /// The ids.
        input_ids: &'a [u32],
        /// 1 for a token, 0 for padding; all ones if left out.
        attention_mask: Option<&'a [u32]>,
        /// 0 for the first text, 1 for the second; all zeros if left out.
        token_type_ids: Option<&'a [u32]>,
    },
    /// Numbers, for models that take tensors.
    Features(&'a [f32]),
    /// The words of a text.
    Words(&'a [String]),
    /// A prompt and what has to be answered.
    Completion {
        /// What the model is given.
        prompt: &'a str,
        /// What it has to answer.
        completion: &'a str,
    },
    /// The turns of a conversation.
    Messages(&'a [Message]),
    /// One text for another.
    SourceTarget {
        /// The text that another is written for.
        source: &'a str,
        /// The text that has to be written.
        target: &'a str,
    },
}

/// The label of a token, or of an item, that counts nothing, neither in the sum of a loss nor in its weight (-100 in data files).
pub const IGNORE: u32 = u32::MAX;

/// What the model has to find for one example.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// The index of its class.
    Class(u32),
    /// 1.0 for each class that it has, 0.0 for the others.
    MultiHot(Vec<f32>),
    /// Its numbers.
    Values(Vec<f32>),
    /// The index of the class of each word, or [`IGNORE`] where there is none.
    Tags(Vec<u32>),
    /// A label for each token of the input as it is encoded, or of the text that has to be written; [`IGNORE`] where nothing
    /// has to be found. Made when texts are encoded, before collators see them.
    Tokens(Vec<u32>),
    /// Nothing: the example is only for prediction.
    None,
}

/// A field type that can be a label; it decides the task.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a label",
    label = "not a label type",
    note = "a label is an enum with `#[derive(ClassLabel, Clone, Copy, PartialEq)]`, a `Vec` or `BTreeSet` of it, an `f32`, or `[f32; N]`"
)]
pub trait LabelColumn: Sized {
    /// The task of examples that have such a label.
    type Task: Task;
    /// What it takes from the column.
    const TAKES: Takes = Takes::Anything;

    /// Reads the label from the column of this name.
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;

    /// The label as the loss takes it.
    fn target(&self) -> Target;
}
