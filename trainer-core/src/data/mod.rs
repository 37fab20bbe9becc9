//! Rows of files become structs of the user's.
//!
//! What comes in: JSONL, JSON, CSV, TSV and Parquet files, and data sets of the hub. What goes out: a [`Dataset`] of examples, and
//! the orders in which an epoch visits them. It refuses a row that does not fit the struct, with the file, the line and the value.

mod cell;
mod check;
mod class_name;
mod column;
mod dataset;
mod example;
mod field_type;
mod label;
mod label_column;
mod message;
pub mod order;
mod read;
mod row;
pub mod seen;
mod shown;
mod split;
mod summary;
mod tagged_field;
mod takes;
mod task;
mod token_labels;
mod written_field;

pub use cell::{Cell, Content};
pub use class_name::{class_named, class_numbered, deserialize_class};
pub use dataset::Dataset;
pub use example::{Example, Field, Files, IGNORE, Input, LabelColumn, Role, Target};
pub use field_type::{ExtraField, FeaturesField, InputIdsField, TextField, TextPairField, TokenMarksField};
pub use label::ClassLabel;
#[doc(hidden)]
pub use label::{Derives, DerivesNothing, label_set_is_copied_and_compared};
pub use message::Message;
pub use read::UnusedColumn;
pub use row::{Column, Row};
pub use shown::{NotShown, Shown, TemplateField};
pub use tagged_field::{TagsField, TokensField};
pub use takes::Takes;
pub(crate) use task::wrong_width;
pub use task::{
    ClassPrediction, ClassesPrediction, Conversation, LabelSet, LanguageModeling, MultiLabelClassification, Regression,
    Seq2Seq, SequenceClassification, TagsPrediction, Task, TaskKind, TextPrediction, TokenClassification,
    ValuePrediction, first_maximum,
};
pub use token_labels::{TargetIdsField, TokenisedLabels};
pub use written_field::{MessagesField, WrittenField};
