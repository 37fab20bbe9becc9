//! The BERT family: configuration, parameter names and heads over the shared block.

mod classification;
mod config;
mod encoder;
mod family;

pub use classification::BertForSequenceClassification;
pub use config::BertConfig;
pub use encoder::{BertModel, HiddenStates};
pub use family::FAMILY;
