//! Rules between the parts of a trainer.
//!
//! What comes in: what the types of the model, the example, the arguments, the loss and the metrics say of themselves.
//! What goes out: a [`Verdict`] with its words. `#[trainer]` has the compiler run them, each at the token to change.

mod collators;
mod measures;
mod models;

pub use self::collators::{
    answers_are_known, collator_fits_the_model, collator_fits_the_task, left_out_collator_can_pad,
    text_needs_a_tokenizer,
};
pub use self::measures::{
    average_fits_the_task, class_weight_is_usable, class_weights_are_usable, dampening_is_a_share,
    entity_classes_are_tags, focal_alpha_is_a_share, focal_gamma_is_usable, huber_delta_is_usable,
    label_smoothing_is_a_share, loss_fits_the_task, metric_fits_the_task, metric_gets_what_it_takes,
    momentum_is_a_share, one_weight_per_class, some_class_counts, threshold_fits_the_task,
};
pub use self::models::model_fits_the_examples;
use crate::args::rules::words;
pub use crate::args::rules::{Verdict, Words, accept};
pub use crate::collate::rules::{
    is_a_share_of_the_chosen, probability_chooses_something, rows_have_room, shares_are_of_one_whole,
    template_says_something,
};
use crate::data::{Example, Field, LabelSet, Role, Task, TaskKind};
use crate::metrics::same_labels;

/// What an example says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The struct's name; empty if the struct has mistakes of its own, which are reported there.
    pub name: &'static str,
    /// What a model learns from it.
    pub kind: TaskKind,
    /// The classes, if there are any.
    pub labels: Option<LabelSet>,
    /// How many numbers the model gives for an example.
    pub outputs: usize,
    /// The fields.
    pub fields: &'static [Field],
}

impl Schema {
    /// What the example `E` says of itself.
    pub const fn of<E: Example>() -> Self {
        Self {
            name: E::NAME,
            kind: <E::Task as Task>::KIND,
            labels: <E::Task as Task>::LABELS,
            outputs: <E::Task as Task>::OUTPUTS,
            fields: E::FIELDS,
        }
    }

    /// Whether the struct has mistakes of its own.
    const fn is_unclear(&self) -> bool {
        self.name.is_empty()
    }

    const fn has(&self, role: Role) -> bool {
        let mut at = 0;
        while at < self.fields.len() {
            if self.fields[at].role as usize == role as usize {
                return true;
            }
            at += 1;
        }
        false
    }

    /// What its label is, to be put after "has".
    const fn has_what(&self) -> &'static str {
        match self.kind {
            TaskKind::SequenceClassification => "one class for each example",
            TaskKind::MultiLabelClassification => "several classes for each example",
            TaskKind::Regression => "numbers for each example",
            TaskKind::TokenClassification => "one class for each word",
            TaskKind::LanguageModeling => "a text to learn the words of",
            TaskKind::Conversation => "answers to learn",
            TaskKind::Seq2Seq => "a text to write for another",
        }
    }
}

const fn quoted(text: &str) -> Words {
    Words::new().then("`").then(text).then("`")
}

/// A metric of the user's is over the classes of the task.
pub const fn metric_is_over_the_classes(schema: &Schema, metric: &str, labels: Option<LabelSet>) -> Verdict {
    let Some(judged) = labels else { return Verdict::Accepted };
    if schema.is_unclear() || (schema.labels.is_some() && same_labels(labels, schema.labels)) {
        return Verdict::Accepted;
    }
    let message =
        quoted(metric).then(" is over the classes of `").then(judged.type_name).then("`, but `").then(schema.name);
    match schema.labels {
        Some(own) => Verdict::refused(
            message.then("` is labelled with `").then(own.type_name).then("`"),
            words("write the metric over `").then(own.type_name).then("`"),
        ),
        None => Verdict::refused(
            message.then("` is labelled with numbers"),
            words("write the metric over `f32`, such as `Labels<'_, f32>`"),
        ),
    }
}

/// Two arguments of a metric are over the same classes.
pub const fn arguments_speak_of_the_same_classes(
    metric: &str,
    first: Option<LabelSet>,
    other: Option<LabelSet>,
) -> Verdict {
    let (Some(one), Some(another)) = (first, other) else { return Verdict::Accepted };
    if same_labels(first, other) {
        return Verdict::Accepted;
    }
    let message = quoted(metric).then(" compares classes of `").then(another.type_name).then("` with classes of `");
    Verdict::refused(message.then(one.type_name).then("`"), words("write the same label type for all arguments"))
}

#[cfg(test)]
mod tests;
