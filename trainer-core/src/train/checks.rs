//! Rules between the parts of a trainer, as functions that run while compiling.
//!
//! What comes in: constants of the label sets, tasks, models, losses and metrics. What goes out: nothing, or a panic with
//! the words of the error, which the compiler prints at the token that the macro chose.

use crate::data::LabelSet;
use crate::metrics::same_labels;

mod words;

use words::Words;

/// Refuses a metric two arguments of which are over different classes.
#[track_caller]
pub const fn arguments_speak_of_the_same_classes(metric: &str, first: Option<LabelSet>, other: Option<LabelSet>) {
    if same_labels(first, other) {
        return;
    }
    if let (Some(first), Some(other)) = (first, other) {
        Words::new()
            .quoted(metric)
            .then(" compares classes of ")
            .quoted(other.type_name)
            .then(" with classes of ")
            .quoted(first.type_name)
            .help("write the same label type for all arguments")
            .refuse();
    }
}
