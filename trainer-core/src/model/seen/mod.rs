//! What was seen of a model directory while compiling, and the rules between it and a trainer.
//!
//! What comes in: what `#[trainer(model_dir = "…")]` has read of `config.json`, of the tokenizer and of the header of the
//! weights, and what the types of the trainer say of themselves. What goes out: a [`Verdict`] with its words. Where the
//! program finds the same mistake when it loads the directory, it asks the same rule.

mod weights;

pub(super) use weights::ONE_MODEL;
pub use weights::{adapter_target_is_there, seen_weights_fit, shape_fits};

use super::Head;
use super::family::{Family, Size, Sizes, begins_with, without};
pub use crate::args::rules::length_fits;
use crate::args::rules::{Verdict, Words, same, words};
use crate::error::{Error, ErrorKind, Result};
use crate::text::padding::padding_has_a_token;
use crate::transformer::heads_share_the_hidden_size;

/// What was seen of a model directory.
#[derive(Clone, Copy, Debug)]
pub struct ModelSeen<'a> {
    /// `config.json`, as the messages call it.
    pub config_file: &'a str,
    /// `model.safetensors`, or the index of its parts, as the messages call it.
    pub weights_file: &'a str,
    /// `model_type` in `config.json`.
    pub model_type: Option<&'a str>,
    /// The sizes in `config.json`.
    pub sizes: Sizes,
    /// `num_labels` in `config.json`.
    pub num_labels: Option<usize>,
    /// The classes that `id2label` names, in order; none if it has only placeholders such as `LABEL_0`.
    pub labels: &'a [&'a str],
    /// The tensors in the header of the weights, those of all blocks that have one shape together.
    pub tensors: &'a [TensorSeen<'a>],
    /// The name of every tensor, to compare single ones with.
    pub names: &'a [&'a str],
    /// The tokenizer, if the directory has one.
    pub tokenizer: Option<TokenizerSeen<'a>>,
}

/// Tensors of one name and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorSeen<'a> {
    /// The name in the file; `{}` stands for the number of the block.
    pub name: &'a str,
    /// The numbers of the blocks that have it; none for a tensor outside of the blocks.
    pub blocks: &'a [usize],
    /// The shape; none if only the name is known, as in the index of weights in several files.
    pub shape: Option<&'a [usize]>,
}

/// What was seen of a tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenizerSeen<'a> {
    /// `tokenizer.json`, as the messages call it.
    pub file: &'a str,
    /// `tokenizer_config.json`, as the messages call it.
    pub config_file: &'a str,
    /// Its tokens, added ones included.
    pub vocabulary: usize,
    /// Whether it has a padding token.
    pub has_pad_token: bool,
    /// A token that could pad: that of the end of a text, or for what is not known.
    pub could_pad: Option<&'a str>,
    /// The most tokens that it was made for.
    pub max_length: Option<usize>,
}

/// What the program makes of a refusal.
#[expect(clippy::large_types_passed_by_value, reason = "a verdict is made where it is asked for")]
pub(crate) fn accepted(verdict: Verdict, kind: ErrorKind) -> Result<()> {
    match verdict {
        Verdict::Accepted => Ok(()),
        Verdict::Refused { message, help } => Err(Error::new(kind, message.as_str()).help(help.as_str())),
    }
}

/// The verdict with the place in front of its words, as [`Error::at`](crate::Error::at) puts it there.
pub const fn at(place: &str, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Accepted => Verdict::Accepted,
        Verdict::Refused { message, help } => Verdict::refused(words(place).then(": ").then(message.as_str()), help),
    }
}

/// The directory is of the family of the trainer's model.
pub const fn is_of_the_family(model_type: Option<&str>, family: Option<&Family>) -> Verdict {
    match (model_type, family) {
        (Some(found), Some(family)) if !family.is_called(found) => {
            let message = words("`model_type` is \"").then(found).then("\", but this model is \"");
            Verdict::refused(
                message.then(family.model_type).then("\""),
                words("take a model of the ").then(family.name).then(" family"),
            )
        }
        _ => Verdict::Accepted,
    }
}

/// The family that a directory is of, of those that a model may be of.
pub const fn one_of(model_type: Option<&str>, families: &'static [&'static Family]) -> Option<&'static Family> {
    let Some(found) = model_type else { return None };
    let mut at = 0;
    while at < families.len() {
        if families[at].is_called(found) {
            return Some(families[at]);
        }
        at += 1;
    }
    None
}

/// What to say of a directory that is of none of the families: what is wrong, and what to write.
pub const fn of_no_family(model_type: Option<&str>, families: &[&Family]) -> (Words, Words) {
    let message = match model_type {
        Some(found) => words("`model_type` is \"").then(found).then("\", which is not known for this head"),
        None => words("there is no `model_type`, which says of which family a model is"),
    };
    let (mut help, mut at) = (words("known are: "), 0);
    while at < families.len() {
        help = if at == 0 { help } else { help.then(", ") }.then(families[at].model_type);
        help = if families[at].other_model_types.is_empty() { help } else { help.then(", ") };
        help = listed(help, families[at].other_model_types);
        at += 1;
    }
    (message, help)
}

/// As [`is_of_the_family`], of a model that may be of several.
pub const fn is_of_one_of(model_type: Option<&str>, families: &'static [&'static Family]) -> Verdict {
    if families.is_empty() || one_of(model_type, families).is_some() {
        return Verdict::Accepted;
    }
    let (message, help) = of_no_family(model_type, families);
    Verdict::refused(message, help)
}

/// A tokenizer has no more tokens than the model has embeddings.
pub const fn vocabulary_fits(tokens: usize, embeddings: usize) -> Verdict {
    if tokens <= embeddings {
        return Verdict::Accepted;
    }
    let message = words("the tokenizer has ")
        .number(tokens as i128)
        .then(" tokens, but the model has embeddings for ")
        .number(embeddings as i128);
    Verdict::refused(
        message,
        words("load both from one directory; a token that was added needs a row of its own in the model"),
    )
}

/// As [`vocabulary_fits`], of a directory.
pub const fn seen_vocabulary_fits(seen: &ModelSeen<'_>, family: Option<&Family>) -> Verdict {
    match (&seen.tokenizer, known(seen, family).vocab_size) {
        (Some(tokenizer), Some(embeddings)) => at(tokenizer.file, vocabulary_fits(tokenizer.vocabulary, embeddings)),
        _ => Verdict::Accepted,
    }
}

/// As [`heads_share_the_hidden_size`], of a directory.
pub const fn seen_heads_share_the_hidden_size(seen: &ModelSeen<'_>, family: Option<&Family>) -> Verdict {
    let sizes = known(seen, family);
    match (sizes.hidden_size, sizes.num_attention_heads) {
        (Some(hidden), Some(heads)) if sizes.head_dim.is_none() => {
            let verdict = heads_share_the_hidden_size(hidden, heads);
            let of_decoder = heads_share_the_hidden_size(hidden, sizes.of(Size::DecoderHeads));
            at(seen.config_file, if verdict.is_accepted() { of_decoder } else { verdict })
        }
        _ => Verdict::Accepted,
    }
}

/// The most tokens that the model can take, as the directory says it.
pub const fn positions(seen: &ModelSeen<'_>, family: Option<&Family>) -> Option<usize> {
    match (known(seen, family).max_position_embeddings, family) {
        // A directory of another family is refused as such.
        (_, Some(family)) if !is_of_the_family(seen.model_type, Some(family)).is_accepted() => None,
        (_, Some(family)) if family.has_relative_positions => None,
        (Some(rows), Some(family)) => Some(rows.saturating_sub(family.reserved_positions)),
        (rows, _) => rows,
    }
}

/// The most tokens that the tokenizer of the directory was made for.
pub const fn tokenizer_length(seen: &ModelSeen<'_>) -> Option<usize> {
    match &seen.tokenizer {
        Some(tokenizer) => tokenizer.max_length,
        None => None,
    }
}

/// As [`padding_has_a_token`], of a directory; `pads` is whether anything is padded at all.
pub const fn seen_padding_has_a_token(seen: &ModelSeen<'_>, pads: bool) -> Verdict {
    match &seen.tokenizer {
        Some(tokenizer) if pads => {
            let place = words("`").then(tokenizer.config_file).then("`");
            match padding_has_a_token(place.as_str(), tokenizer.has_pad_token, tokenizer.could_pad) {
                Verdict::Refused { message, help } => {
                    Verdict::refused(message, help.then("\nhelp: or name its id: `collator = Padding(pad_id = 0)`"))
                }
                accepted @ Verdict::Accepted => accepted,
            }
        }
        _ => Verdict::Accepted,
    }
}

/// What to write where a head of other labels is wanted.
const NEW_HEAD: &str = "for other labels, load it with `from_pretrained_with_new_head`";

/// A file's head gives as many numbers as the labels need.
pub const fn head_gives(found: usize, head: Head) -> Verdict {
    let message = match head {
        Head::Classes(labels) | Head::Tags(labels) if labels.names.len() != found => words("the head has ")
            .number(found as i128)
            .then(if found == 1 { " class, but `" } else { " classes, but `" })
            .then(labels.type_name)
            .then("` has ")
            .number(labels.names.len() as i128),
        Head::Values(count) if count != found => words("the head gives ")
            .number(found as i128)
            .then(if found == 1 { " number, but the label is " } else { " numbers, but the label is " })
            .number(count as i128),
        _ => return Verdict::Accepted,
    };
    Verdict::refused(message, words(NEW_HEAD))
}

/// The classes that a file names are those of the labels, in the same order.
pub const fn head_names(names: &[&str], head: Head) -> Verdict {
    let (Head::Classes(labels) | Head::Tags(labels)) = head else { return Verdict::Accepted };
    if names.is_empty() || all_same(names, labels.names) {
        return Verdict::Accepted;
    }
    let message = listed(words("the head's classes are "), names).then(", but those of `").then(labels.type_name);
    let message = listed(message.then("` are "), labels.names);
    Verdict::refused(message, words("name the classes so, in this order\nhelp: ").then(NEW_HEAD))
}

/// As [`head_gives`] and [`head_names`], of a directory whose head is taken.
///
/// A directory without a head is no mistake: one is drawn. A count in `config.json` alone counts where it is written as
/// `num_labels`, since placeholders stand there by themselves.
pub const fn seen_head_fits(seen: &ModelSeen<'_>, family: Option<&Family>, head: Head) -> Verdict {
    let Some(family) = family else { return Verdict::Accepted };
    if !is_of_the_family(seen.model_type, Some(family)).is_accepted() {
        return Verdict::Accepted;
    }
    let mut verdict = at(seen.config_file, head_names(seen.labels, head));
    if let Some(count) = head_outputs(seen, family)
        && !head_gives(count, head).is_accepted()
    {
        verdict = at(seen.weights_file, head_gives(count, head));
    } else if let (Some(count), true) = (seen.num_labels, seen.labels.is_empty()) {
        verdict = at(seen.config_file, num_labels_fits(count, head));
    }
    match verdict {
        Verdict::Refused { message, help } => {
            Verdict::refused(message, help.then(", and write `new_head` beside `model_dir`"))
        }
        Verdict::Accepted => Verdict::Accepted,
    }
}

/// `num_labels` is the number of the classes, or of the numbers in a label.
pub const fn num_labels_fits(count: usize, head: Head) -> Verdict {
    let (needed, message) = match head {
        Head::Any | Head::Vocabulary(_) => return Verdict::Accepted,
        Head::Classes(labels) | Head::Tags(labels) => {
            (labels.names.len(), words(", but `").then(labels.type_name).then("` has "))
        }
        Head::Values(values) => (values, words(", but the label is ")),
    };
    if count == needed {
        return Verdict::Accepted;
    }
    let message = words("`num_labels` is ").number(count as i128).then(message.as_str()).number(needed as i128);
    let message = if matches!(head, Head::Classes(_) | Head::Tags(_)) { message.then(" classes") } else { message };
    Verdict::refused(message, words(NEW_HEAD))
}

/// How many numbers the head in the file gives, if there is one.
const fn head_outputs(seen: &ModelSeen<'_>, family: &Family) -> Option<usize> {
    let mut at = 0;
    while at < seen.tensors.len() {
        let tensor = &seen.tensors[at];
        if begins_with(tensor.name, family.outputs_of())
            && same(without(tensor.name, family.outputs_of()), "weight")
            && let Some([outputs, ..]) = tensor.shape
        {
            return Some(*outputs);
        }
        at += 1;
    }
    None
}

/// The sizes of the directory, and those of the family where it says none.
const fn known(seen: &ModelSeen<'_>, family: Option<&Family>) -> Sizes {
    match family {
        Some(family) => seen.sizes.or(&family.defaults),
        None => seen.sizes,
    }
}

/// The words, then names with commas, only as many as someone reads.
#[expect(clippy::large_types_passed_by_value, reason = "words are built by passing them on, as `Words::then` does")]
const fn listed(words: Words, names: &[&str]) -> Words {
    const SHOWN: usize = 8;
    let (mut words, mut at) = (words, 0);
    while at < names.len() && at < SHOWN {
        words = if at == 0 { words } else { words.then(", ") }.then(names[at]);
        at += 1;
    }
    if names.len() > SHOWN { words.then(" and ").number((names.len() - SHOWN) as i128).then(" more") } else { words }
}

const fn all_same(left: &[&str], right: &[&str]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if !same(left[at], right[at]) {
            return false;
        }
        at += 1;
    }
    true
}
