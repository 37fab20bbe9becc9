//! Rules on losses, metrics and optimisers: what is compared must be what the task has, and numbers must be usable.

use super::{Schema, Verdict, quoted};
use crate::args::rules::{same, words};
use crate::data::TaskKind;
use crate::metrics::entities::is_tag;
use crate::metrics::{Average, Needs, Suits};

/// A loss has one weight for each class; `weights` are those of `loss`.
pub const fn one_weight_per_class(schema: &Schema, loss: &str, weights: usize) -> Verdict {
    if schema.is_unclear() {
        return Verdict::Accepted;
    }
    let Some(labels) = schema.labels else { return weights_need_classes(schema, loss, weights) };
    if labels.names.len() == weights {
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

/// Weights of classes say nothing where there are none; what compares numbers is refused by another rule.
const fn weights_need_classes(schema: &Schema, loss: &str, weights: usize) -> Verdict {
    if !schema.kind.is_over_vocabulary() || same(loss, "weighted_ce") {
        return Verdict::Accepted;
    }
    let message = quoted(loss).then(" got ").number(weights as i128).then(if weights == 1 {
        " weight, but `"
    } else {
        " weights, but `"
    });
    let message = message.then(schema.name).then("` has ").then(schema.has_what()).then(", and no classes");
    Verdict::refused(message, words("leave the weights out: every token of the vocabulary counts alike"))
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
pub const fn some_class_counts(schema: &Schema, loss: &str, weights: &[f32]) -> Verdict {
    let mut at = 0;
    while at < weights.len() {
        // What is not zero counts, or is refused on its own.
        if weights[at] != 0.0 {
            return Verdict::Accepted;
        }
        at += 1;
    }
    let what = match schema.kind {
        TaskKind::MultiLabelClassification => "` are 0, so that no class counts where it is there",
        _ => "` are 0, so that no example counts",
    };
    Verdict::refused(words("all weights of `").then(loss).then(what), words("give at least one class a weight above 0"))
}

/// All rules on class weights, for weights that are a constant of the program.
pub const fn class_weights_are_usable(schema: &Schema, loss: &str, weights: &[f32]) -> Verdict {
    let mut at = 0;
    while at < weights.len() {
        let verdict = class_weight_is_usable(schema, loss, at, weights[at]);
        if !verdict.is_accepted() {
            return verdict;
        }
        if same(loss, "focal") {
            let verdict = focal_alpha_is_a_share(schema, at, weights[at]);
            if !verdict.is_accepted() {
                return verdict;
            }
        }
        at += 1;
    }
    let counted = one_weight_per_class(schema, loss, weights.len());
    if counted.is_accepted() { some_class_counts(schema, loss, weights) } else { counted }
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

/// How much less counts what is sure already.
pub const fn focal_gamma_is_usable(gamma: f64) -> Verdict {
    if gamma >= 0.0 && gamma.is_finite() {
        return Verdict::Accepted;
    }
    let message = words("`gamma` says how much less counts what the model is sure of: a number of 0 or more");
    Verdict::refused(message, words("`focal(gamma = 2.0)`"))
}

/// Where an item can have several classes, a class that is there counts `alpha` and one that is not `1 - alpha`; `class` is
/// its position.
pub const fn focal_alpha_is_a_share(schema: &Schema, class: usize, alpha: f32) -> Verdict {
    let is_share = alpha <= 1.0 || !matches!(schema.kind, TaskKind::MultiLabelClassification);
    if schema.is_unclear() || is_share || !alpha.is_finite() {
        return Verdict::Accepted;
    }
    let message = words("the `alpha` of ");
    let message = match schema.labels {
        Some(labels) if class < labels.names.len() => message.then("`").then(labels.names[class]).then("`"),
        _ => message.then("class ").number(class as i128),
    };
    let message = message.then(" is above 1, but `").then(schema.name).then("` has several classes for each example");
    let help = words("a class that is there counts `alpha` and one that is not `1 - alpha`: write a share from 0 to 1");
    Verdict::refused(message, help)
}

/// The distance up to which an error is squared.
pub const fn huber_delta_is_usable(delta: f64) -> Verdict {
    if delta > 0.0 && delta.is_finite() {
        return Verdict::Accepted;
    }
    let message = words("`delta` is the distance up to which the error is squared: a number above 0");
    Verdict::refused(message, words("`huber(delta = 1.0)`"))
}

/// How much of the change before stays in each update.
pub const fn momentum_is_a_share(momentum: f64) -> Verdict {
    if momentum >= 0.0 && momentum < 1.0 {
        return Verdict::Accepted;
    }
    let message = words("`momentum` is how much of the change before stays in each update: from 0, and below 1");
    Verdict::refused(message, words("`sgd(momentum = 0.9)`"))
}

/// How much less of the gradient enters the momentum.
pub const fn dampening_is_a_share(dampening: f64) -> Verdict {
    if dampening >= 0.0 && dampening <= 1.0 {
        return Verdict::Accepted;
    }
    let message = words("`dampening` is how much less of the gradient enters the momentum: from 0 to 1");
    Verdict::refused(message, words("`sgd(momentum = 0.9, dampening = 0.1)`"))
}

/// A built-in loss compares what the task has.
pub const fn loss_fits_the_task(schema: &Schema, loss: &str) -> Verdict {
    let kind = schema.kind;
    let has_one_class = matches!(kind, TaskKind::SequenceClassification | TaskKind::TokenClassification);
    let has_several = matches!(kind, TaskKind::MultiLabelClassification);
    let has_numbers = matches!(kind, TaskKind::Regression);
    let (fits, compares) = if same(loss, "ce") {
        (has_one_class || kind.is_over_vocabulary(), "` is for one class for each example, but `")
    } else if same(loss, "weighted_ce") {
        (has_one_class, "` is for one class for each example, but `")
    } else if same(loss, "focal") {
        (!has_numbers, "` is for classes, but `")
    } else if same(loss, "bce") || same(loss, "weighted_bce") {
        (has_several, "` is for several classes for each example, but `")
    } else {
        (has_numbers, "` is for numbers, but `")
    };
    if schema.is_unclear() || fits {
        return Verdict::Accepted;
    }
    let message = words("`").then(loss).then(compares).then(schema.name).then("` has ").then(schema.has_what());
    let fitting = match kind {
        TaskKind::SequenceClassification | TaskKind::TokenClassification => {
            "these fit: `ce`, `weighted_ce([…])`, `focal`, or a `#[loss]` function"
        }
        TaskKind::MultiLabelClassification => "these fit: `bce`, `weighted_bce([…])`, `focal`, or a `#[loss]` function",
        TaskKind::Regression => "these fit: `mse`, `mae`, `huber`, or a `#[loss]` function",
        _ => "these fit: `ce`, `focal`, or a `#[loss]` function",
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
    if same(metric, "entity_f1") {
        return average_of_entities(average);
    }
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

const fn average_of_entities(average: Average) -> Verdict {
    if matches!(average, Average::Micro | Average::Macro | Average::Weighted) {
        return Verdict::Accepted;
    }
    let message = words("`entity_f1` with `average = \"").then(average.as_str()).then("\"` gives no one value");
    Verdict::refused(message, words("`entity_f1(average = \"macro\")`, or \"micro\", or \"weighted\""))
}

/// Entities are read from classes that are called like tags.
pub const fn entity_classes_are_tags(schema: &Schema, metric: &str) -> Verdict {
    let Some(labels) = schema.labels else { return Verdict::Accepted };
    if schema.is_unclear() || !matches!(schema.kind, TaskKind::TokenClassification) {
        return Verdict::Accepted;
    }
    let mut class = 0;
    while class < labels.names.len() {
        if !is_tag(labels.names[class]) {
            let message = quoted(metric).then(" reads named entities from tags, but the class `");
            let message = message.then(labels.names[class]).then("` of `").then(labels.type_name).then("` is none");
            let help =
                words("call the classes `O`, `B-PER`, `I-PER`, …: `#[label(name = \"B-PER\")]` on the variants of `");
            return Verdict::refused(message, help.then(labels.type_name).then("`"));
        }
        class += 1;
    }
    Verdict::Accepted
}

/// A threshold is a probability, and for several classes an item.
pub const fn threshold_fits_the_task(schema: &Schema, metric: &str, threshold: f64) -> Verdict {
    if !(threshold > 0.0 && threshold < 1.0) {
        let message = quoted(metric).then(" has a `threshold` that is no probability above 0 and below 1");
        return Verdict::refused(message, words("`threshold = 0.3`"));
    }
    let is_judged = metric_fits_the_task(schema, metric).is_accepted();
    if schema.is_unclear() || !is_judged || matches!(schema.kind, TaskKind::MultiLabelClassification) {
        return Verdict::Accepted;
    }
    let message = quoted(metric).then(" with a `threshold` is for several classes for each example, but `");
    let message = message.then(schema.name).then("` has ").then(schema.has_what());
    Verdict::refused(message, words("leave `threshold` out: the most probable class counts"))
}

/// What the arguments of a metric function look at must be there.
pub const fn metric_gets_what_it_takes(schema: &Schema, metric: &str, needs: Needs) -> Verdict {
    if schema.is_unclear() {
        return Verdict::Accepted;
    }
    let (argument, help) = if needs.includes(Needs::TEXTS) && !Suits::Texts.accepts(schema.kind) {
        ("`Texts`, which the model writes", "take `Predictions` and `Labels`")
    } else if needs.includes(Needs::SENTENCES) && !Suits::Tags.accepts(schema.kind) {
        ("`Entities`, which tags of words make", "take `Predictions` and `Labels`")
    } else if needs.includes(Needs::LOGITS) && schema.kind.is_over_vocabulary() {
        ("`Logits`, which are not kept for a vocabulary", "take `Predictions<'_, u32>` or `Losses<'_>`")
    } else {
        return Verdict::Accepted;
    };
    let message = quoted(metric).then(" takes ").then(argument).then(", but `").then(schema.name);
    Verdict::refused(message.then("` has ").then(schema.has_what()), words(help))
}

#[cfg(test)]
mod tests;
