//! Rules between the parts of a trainer.
//!
//! What comes in: what the types of the model, the example, the arguments, the loss and the metrics say of themselves.
//! What goes out: a [`Verdict`] with its words. `#[trainer]` has the compiler run them, each at the token to change.

mod collators;

pub use self::collators::{
    answers_are_known, collator_fits_the_model, collator_fits_the_task, left_out_collator_can_pad,
    text_needs_a_tokenizer,
};
pub use crate::args::rules::{Verdict, Words, accept};
use crate::args::rules::{same, words};
pub use crate::collate::rules::{
    is_a_share_of_the_chosen, probability_chooses_something, rows_have_room, shares_are_of_one_whole,
    template_says_something,
};
use crate::data::{Example, Field, LabelSet, Role, Task, TaskKind};
use crate::metrics::{Average, Suits, same_labels};
use crate::model::Head;

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

/// A loss has one weight for each class; `weights` are those of `loss`.
pub const fn one_weight_per_class(schema: &Schema, loss: &str, weights: usize) -> Verdict {
    let Some(labels) = schema.labels else { return Verdict::Accepted };
    if schema.is_unclear() || labels.names.len() == weights {
        return Verdict::Accepted;
    }
    let message = quoted(loss)
        .then(" got ")
        .number(weights as i128)
        .then(if weights == 1 { " weight, but `" } else { " weights, but `" })
        .then(labels.type_name)
        .then("` has ")
        .number(labels.names.len() as i128)
        .then(" classes");
    Verdict::refused(message, words("one weight for each class, in this order: ").list(labels.names))
}

/// A class weight is a finite number that is not negative; `class` is its position.
pub const fn class_weight_is_usable(schema: &Schema, loss: &str, class: usize, weight: f32) -> Verdict {
    if weight >= 0.0 && weight.is_finite() {
        return Verdict::Accepted;
    }
    let what = if weight < 0.0 { " is negative" } else { " is not a finite number" };
    let message = words("the weight of ");
    let message = match schema.labels {
        Some(labels) if class < labels.names.len() => message.then("`").then(labels.names[class]).then("`"),
        _ => message.then("class ").number(class as i128),
    };
    let help = words("0 for a class that counts nothing, 1 for one that counts as it is");
    Verdict::refused(message.then(" in `").then(loss).then("`").then(what), help)
}

/// Some class must count.
pub const fn some_class_counts(loss: &str, weights: &[f32]) -> Verdict {
    let mut at = 0;
    while at < weights.len() {
        // What is not zero counts, or is refused on its own.
        if weights[at] != 0.0 {
            return Verdict::Accepted;
        }
        at += 1;
    }
    Verdict::refused(
        words("all weights of `").then(loss).then("` are 0, so that no example counts"),
        words("give at least one class a weight above 0"),
    )
}

/// All rules on class weights, for weights that are a constant of the program.
pub const fn class_weights_are_usable(schema: &Schema, loss: &str, weights: &[f32]) -> Verdict {
    let mut at = 0;
    while at < weights.len() {
        let verdict = class_weight_is_usable(schema, loss, at, weights[at]);
        if !verdict.is_accepted() {
            return verdict;
        }
        at += 1;
    }
    let counted = one_weight_per_class(schema, loss, weights.len());
    if counted.is_accepted() { some_class_counts(loss, weights) } else { counted }
}

/// A share of the target probability, spread over all classes.
pub const fn label_smoothing_is_a_share(factor: f64) -> Verdict {
    if factor >= 0.0 && factor < 1.0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`label_smoothing` is a share of the target probability: from 0, and below 1"),
        words("`label_smoothing = 0.1`"),
    )
}

/// A built-in loss compares what the task has.
pub const fn loss_fits_the_task(schema: &Schema, loss: &str) -> Verdict {
    let of_kind = if same(loss, "ce") || same(loss, "weighted_ce") {
        TaskKind::SequenceClassification
    } else if same(loss, "bce") {
        TaskKind::MultiLabelClassification
    } else {
        TaskKind::Regression
    };
    let over_tokens = schema.kind.is_over_tokens() && matches!(of_kind, TaskKind::SequenceClassification);
    if schema.is_unclear() || schema.kind as usize == of_kind as usize || over_tokens {
        return Verdict::Accepted;
    }
    let compares = match of_kind {
        TaskKind::SequenceClassification => "` is for one class for each example, but `",
        TaskKind::MultiLabelClassification => "` is for several classes for each example, but `",
        _ => "` is for numbers, but `",
    };
    let message = words("`").then(loss).then(compares).then(schema.name).then("` has ").then(schema.has_what());
    let fitting = match schema.kind {
        TaskKind::SequenceClassification => "these fit: `ce`, `weighted_ce([…])`, or a `#[loss]` function",
        TaskKind::MultiLabelClassification => "these fit: `bce`, or a `#[loss]` function",
        TaskKind::Regression => "these fit: `mse`, or a `#[loss]` function",
        TaskKind::TokenClassification => "these fit: `ce`, `weighted_ce([…])`, or a `#[loss]` function",
        _ => "these fit: `ce`, or a `#[loss]` function",
    };
    Verdict::refused(message, words(fitting))
}

/// A built-in metric judges what the task has.
pub const fn metric_fits_the_task(schema: &Schema, metric: &str) -> Verdict {
    let Some(suits) = Suits::of_built_in(metric) else { return Verdict::Accepted };
    if schema.is_unclear() || suits.accepts(schema.kind) {
        return Verdict::Accepted;
    }
    let message = quoted(metric)
        .then(" ")
        .then(suits.sentence())
        .then(", but `")
        .then(schema.name)
        .then("` has ")
        .then(schema.has_what());
    Verdict::refused(message, words(Suits::fitting(schema.kind)))
}

/// An average means something on the task.
pub const fn average_fits_the_task(schema: &Schema, metric: &str, average: Average) -> Verdict {
    // What does not judge the task at all is refused by another rule.
    let is_judged = metric_fits_the_task(schema, metric).is_accepted();
    if schema.is_unclear() || !is_judged || average.objection(schema.kind, schema.outputs).is_none() {
        return Verdict::Accepted;
    }
    let message = quoted(metric).then(" with `average = \"").then(average.as_str()).then("\"` is for ");
    let message = message.then(match average {
        Average::Samples => "several classes for each example",
        _ if matches!(schema.kind, TaskKind::MultiLabelClassification) => "one class for each example",
        _ => "two classes",
    });
    let message = message.then(", but `");
    let message = match (schema.labels, average, schema.kind) {
        (Some(labels), Average::Binary, TaskKind::SequenceClassification) => {
            message.then(labels.type_name).then("` has ").number(labels.names.len() as i128)
        }
        _ => message.then(schema.name).then("` has ").then(schema.has_what()),
    };
    let help = words("`").then(metric).then("(average = \"macro\")`, or \"micro\", or \"weighted\"");
    Verdict::refused(message, help)
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

/// The model gives what the examples are labelled with.
pub const fn model_fits_the_examples(schema: &Schema, head: Head) -> Verdict {
    if schema.is_unclear() {
        return Verdict::Accepted;
    }
    match (head, schema.labels) {
        (Head::Classes(given), Some(labels)) if !same_labels(Some(given), Some(labels)) => Verdict::refused(
            words("the model tells the classes of `")
                .then(given.type_name)
                .then("`, but `")
                .then(schema.name)
                .then("` is labelled with `")
                .then(labels.type_name)
                .then("`"),
            words("write `").then(labels.type_name).then("` as the label type of the model"),
        ),
        (Head::Classes(given), None) => Verdict::refused(
            words("the model tells the classes of `")
                .then(given.type_name)
                .then("`, but `")
                .then(schema.name)
                .then("` is labelled with numbers"),
            words("take a model that gives numbers, or label `")
                .then(schema.name)
                .then("` with `")
                .then(given.type_name)
                .then("`"),
        ),
        (Head::Values(count), Some(labels)) => Verdict::refused(
            words("the model gives ")
                .number(count as i128)
                .then(if count == 1 { " number, but `" } else { " numbers, but `" })
                .then(schema.name)
                .then("` is labelled with `")
                .then(labels.type_name)
                .then("`"),
            words("write `").then(labels.type_name).then("` as the label type of the model"),
        ),
        (Head::Values(count), None) if count != schema.outputs => Verdict::refused(
            words("the model gives ")
                .number(count as i128)
                .then(if count == 1 { " number, but `" } else { " numbers, but `" })
                .then(schema.name)
                .then("` is labelled with ")
                .number(schema.outputs as i128),
            words("as many numbers in the model's type as in the label's"),
        ),
        _ => Verdict::Accepted,
    }
}

#[cfg(test)]
mod tests;
