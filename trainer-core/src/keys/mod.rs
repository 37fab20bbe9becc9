//! What can be written in each attribute, for editors.
//!
//! The macros repeat the keys of an attribute as fields of these structs, where an editor finds what a key is for and
//! which others there are. The compiler never sees them, and no program needs them: the keys themselves are documented
//! with the macros, such as [`trainer`](macro@crate::trainer).

#![allow(non_upper_case_globals, reason = "these are the names that are written in attributes")]

pub mod adapters;
mod arguments;
mod attributes;
pub mod collators;
pub mod losses;
pub mod metrics;
pub mod optimizers;

pub use arguments::TrainingArgsKeys;
pub use attributes::{
    ArgKeys, ExampleFieldKeys, ExampleKeys, LabelKeys, LabelVariantKeys, LossKeys, MetricKeys, TrainerKeys,
};

/// What is given for a key; which values those are is said with the key.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenValue;

/// Any value, as what is given for a key.
pub fn given<T>(_value: T) -> GivenValue {
    GivenValue
}
