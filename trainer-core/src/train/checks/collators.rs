//! Which collator fits which examples and which model.

use super::{Schema, Verdict, quoted};
use crate::args::rules::{Words, same, words};
use crate::data::{Role, TaskKind};
use crate::model::{Head, Reads};

impl Schema {
    const fn is(&self, kind: TaskKind) -> bool {
        self.kind as usize == kind as usize
    }

    /// The collators that fit, to be put behind "these fit: ".
    const fn fitting_collators(&self) -> &'static str {
        match self.kind {
            _ if self.has(Role::Features) => "these fit: `Default`, or your own `Collator`",
            TaskKind::TokenClassification => "these fit: `TokenClassification`, or your own `Collator`",
            TaskKind::LanguageModeling => {
                "these fit: `CausalLm`, `Flattening` or `Packing` where the model says what comes next, `MaskedLm` where it reads the whole text"
            }
            TaskKind::Conversation => "these fit: `CompletionOnly`, `CausalLm`, `Flattening`, `Packing`",
            TaskKind::Seq2Seq => "these fit: `Seq2Seq`, or your own `Collator`",
            _ => "these fit: `Padding`, `Default`, or your own `Collator`",
        }
    }
}

/// What comes next in a text, whichever way it is laid out.
const fn is_of_what_comes_next(collator: &str) -> bool {
    same(collator, "CausalLm")
        || same(collator, "CompletionOnly")
        || same(collator, "Flattening")
        || same(collator, "Packing")
}

/// A built-in collator lays out what the examples have; `has_template` is of `CompletionOnly`.
pub const fn collator_fits_the_task(schema: &Schema, collator: &str, has_template: bool) -> Verdict {
    if schema.is_unclear() {
        return Verdict::Accepted;
    }
    let (language, conversation) = (schema.is(TaskKind::LanguageModeling), schema.is(TaskKind::Conversation));
    if schema.has(Role::Features) {
        if same(collator, "Default") {
            return Verdict::Accepted;
        }
        return Verdict::refused(
            quoted(collator).then(" lays out tokens, but `").then(schema.name).then("` has `features`"),
            words("`collator = Default`, which stacks numbers as they are"),
        );
    }
    let fits = if same(collator, "Default") {
        !schema.kind.is_over_vocabulary()
    } else if same(collator, "Padding") {
        !schema.kind.is_over_tokens()
    } else if same(collator, "TokenClassification") {
        schema.is(TaskKind::TokenClassification)
    } else if same(collator, "Seq2Seq") {
        schema.is(TaskKind::Seq2Seq)
    } else if same(collator, "MaskedLm") {
        language
    } else if same(collator, "CompletionOnly") {
        conversation || (language && has_template)
    } else if is_of_what_comes_next(collator) {
        language || conversation
    } else {
        true
    };
    if fits { Verdict::Accepted } else { does_not_fit(schema, collator) }
}

const fn does_not_fit(schema: &Schema, collator: &str) -> Verdict {
    let fitting = words(schema.fitting_collators());
    if same(collator, "TokenClassification") {
        let message = lacks("`TokenClassification` lays out a class for each word", schema, Role::Tags, "tags");
        return Verdict::refused(
            message,
            fitting.then("; a class for each word is `tokens: Vec<String>` and `tags: Vec<T>`"),
        );
    }
    if same(collator, "Seq2Seq") {
        let source = schema.has(Role::Source);
        let (role, name) = if source { (Role::Target, "target") } else { (Role::Source, "source") };
        let message = lacks("`Seq2Seq` lays out a source and what is written for it", schema, role, name);
        return Verdict::refused(
            message,
            fitting.then("; one text for another is `source: String` and `target: String`"),
        );
    }
    if same(collator, "CompletionOnly") && schema.is(TaskKind::LanguageModeling) {
        let message = lacks("`CompletionOnly` learns answers alone", schema, Role::Completion, "completion");
        return Verdict::refused(
            message,
            words("give it `prompt` and `completion`, or `messages`; or say what stands before an answer: ")
                .then("`CompletionOnly(response_template = \"### Response:\\n\")`"),
        );
    }
    let lays_out = if same(collator, "Default") {
        "`Default` stacks rows as they are"
    } else if same(collator, "Padding") {
        "`Padding` lays out one label for each example"
    } else if same(collator, "MaskedLm") {
        "`MaskedLm` hides tokens of a text to learn its words"
    } else if same(collator, "CompletionOnly") {
        "`CompletionOnly` learns answers alone"
    } else {
        return Verdict::refused(
            quoted(collator)
                .then(" learns what comes next in a text, but `")
                .then(schema.name)
                .then("` has ")
                .then(schema.has_what()),
            fitting,
        );
    };
    Verdict::refused(words(lays_out).then(", but `").then(schema.name).then("` has ").then(schema.has_what()), fitting)
}

/// What a collator lays out, and the field that is missing for it; what the example has instead, if it has the field.
const fn lacks(lays_out: &str, schema: &Schema, role: Role, name: &str) -> Words {
    let message = words(lays_out).then(", but `").then(schema.name);
    if schema.has(role) {
        return message.then("` has ").then(schema.has_what());
    }
    message.then("` has no `").then(name).then("`")
}

/// A model finds what the collator asks it for, in what it has read.
pub const fn collator_fits_the_model(schema: &Schema, collator: &str, has_template: bool, head: Head) -> Verdict {
    // What does not fit the examples is refused by another rule.
    let Head::Vocabulary(reads) = head else { return Verdict::Accepted };
    if schema.is_unclear() || !collator_fits_the_task(schema, collator, has_template).is_accepted() {
        return Verdict::Accepted;
    }
    let of_next = is_of_what_comes_next(collator);
    match reads {
        Reads::Causal if same(collator, "MaskedLm") => Verdict::refused(
            words(
                "`MaskedLm` has a model find words that are hidden in the whole text, but this one reads only what stands before them",
            ),
            words(
                "`collator = CausalLm`, or a model that reads the whole text, such as BERT for masked language modelling",
            ),
        ),
        Reads::Masked if of_next => Verdict::refused(
            quoted(collator)
                .then(" has a model say what comes next, but this one reads the whole text and would see it"),
            words("`collator = MaskedLm`, or a model that says what comes next, such as GPT-2 or Llama"),
        ),
        Reads::SourceAndTarget if of_next || same(collator, "MaskedLm") => Verdict::refused(
            quoted(collator).then(" lays out one text, but this model writes a target for a source"),
            words("give the example `source` and `target`, and write `collator = Seq2Seq`"),
        ),
        Reads::Masked | Reads::Causal if same(collator, "Seq2Seq") => Verdict::refused(
            words("`Seq2Seq` lays out a source and a target, but this model reads one text"),
            words("take a model with an encoder and a decoder, such as T5 or BART"),
        ),
        _ => Verdict::Accepted,
    }
}

/// `completion_only` tells answers from what they answer; `collator` is what it was said to.
pub const fn answers_are_known(schema: &Schema, collator: &str) -> Verdict {
    let fits = collator_fits_the_task(schema, collator, false).is_accepted();
    if schema.is_unclear() || !fits || schema.is(TaskKind::Conversation) {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`completion_only` learns answers alone, but `").then(schema.name).then("` has ").then(schema.has_what()),
        words("leave `completion_only` out, or give the example `prompt` and `completion`, or `messages`"),
    )
}

/// Texts need a tokenizer.
pub const fn text_needs_a_tokenizer(schema: &Schema, trainer: &str) -> Verdict {
    let texts = [
        (Role::Text, "a `text`"),
        (Role::Tokens, "`tokens`, which are words"),
        (Role::Messages, "`messages`"),
        (Role::Prompt, "a `prompt`"),
        (Role::Source, "a `source`"),
    ];
    let mut at = 0;
    while at < texts.len() {
        let (role, what) = texts[at];
        if !schema.is_unclear() && schema.has(role) {
            let message = quoted(schema.name).then(" has ").then(what).then(", but `").then(trainer);
            return Verdict::refused(
                message.then("` has no `tokenizer`"),
                words("add the field `tokenizer: Tokenizer`"),
            );
        }
        at += 1;
    }
    Verdict::Accepted
}

/// The collator of a trainer that names none knows what to pad with.
pub const fn left_out_collator_can_pad(schema: &Schema, trainer: &str) -> Verdict {
    let is_text = !text_needs_a_tokenizer(schema, trainer).is_accepted();
    if schema.is_unclear() || is_text || !schema.kind.is_over_tokens() || schema.has(Role::Features) {
        return Verdict::Accepted;
    }
    let named = match schema.kind {
        TaskKind::TokenClassification => "TokenClassification",
        TaskKind::Seq2Seq => "Seq2Seq",
        TaskKind::Conversation => "CompletionOnly",
        _ => "CausalLm",
    };
    let message = words("rows of `").then(schema.name).then("` are padded, but `").then(trainer);
    Verdict::refused(
        message.then("` has no `tokenizer` that says with what"),
        words("add the field `tokenizer: Tokenizer`, or give the token's id: `collator = ")
            .then(named)
            .then("(pad_id = 0)`"),
    )
}

#[cfg(test)]
mod tests;
