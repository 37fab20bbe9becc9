//! Rules between a model and the examples that it is trained on.

use super::{Schema, Verdict};
use crate::args::rules::words;
use crate::data::TaskKind;
use crate::metrics::same_labels;
use crate::model::{Head, Reads};

/// The model gives what the examples are labelled with.
pub const fn model_fits_the_examples(schema: &Schema, head: Head) -> Verdict {
    if schema.is_unclear() {
        return Verdict::Accepted;
    }
    if !is_for(head, schema.kind) {
        return another_kind(schema, head);
    }
    match (head, schema.labels) {
        (Head::Classes(given) | Head::Tags(given), Some(labels)) if !same_labels(Some(given), Some(labels)) => {
            Verdict::refused(
                words("the model tells the classes of `")
                    .then(given.type_name)
                    .then("`, but `")
                    .then(schema.name)
                    .then("` is labelled with `")
                    .then(labels.type_name)
                    .then("`"),
                words("write `").then(labels.type_name).then("` as the label type of the model"),
            )
        }
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

/// Whether a head gives what a task of this kind compares, whatever its classes are.
const fn is_for(head: Head, kind: TaskKind) -> bool {
    match (head, kind) {
        (Head::Any, _)
        | (Head::Tags(_), TaskKind::TokenClassification)
        | (Head::Vocabulary(Reads::Masked | Reads::Causal), TaskKind::LanguageModeling)
        | (Head::Vocabulary(Reads::Causal), TaskKind::Conversation)
        | (Head::Vocabulary(Reads::SourceAndTarget), TaskKind::Seq2Seq) => true,
        (Head::Classes(_) | Head::Values(_), kind) => !kind.is_over_tokens(),
        _ => false,
    }
}

const fn another_kind(schema: &Schema, head: Head) -> Verdict {
    let gives = match head {
        Head::Any => "the model gives something",
        Head::Classes(_) => "the model tells the class of a whole text",
        Head::Values(_) => "the model gives numbers for a whole text",
        Head::Tags(_) => "the model tells the class of each word",
        Head::Vocabulary(Reads::Masked) => "the model tells which words are masked",
        Head::Vocabulary(Reads::Causal) => "the model writes a text on",
        Head::Vocabulary(Reads::SourceAndTarget) => "the model writes one text for another",
    };
    let message = words(gives).then(", but `").then(schema.name).then("` has ").then(schema.has_what());
    let help = match schema.kind {
        TaskKind::SequenceClassification | TaskKind::MultiLabelClassification | TaskKind::Regression => {
            "take a model for sequence classification, such as `BertForSequenceClassification`"
        }
        TaskKind::TokenClassification => "take a model for token classification, such as `BertForTokenClassification`",
        TaskKind::LanguageModeling => "take a language model, such as `BertForMaskedLM` or `AutoModelForCausalLM`",
        TaskKind::Conversation => "take a causal language model, such as `AutoModelForCausalLM`",
        TaskKind::Seq2Seq => "take a model of texts for texts, such as `T5ForConditionalGeneration`",
    };
    Verdict::refused(message, words(help))
}
