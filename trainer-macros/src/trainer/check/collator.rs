//! What the key `collator` says.

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprLit, Lit, Path};

use crate::diagnostics::Errors;
use crate::keys::Key;
use crate::trainer::arguments::{Call, is_other_literal, refuse_zero, with_fraction};
use crate::trainer::collator_keys::{COLLATORS, ROW_LENGTH};
use crate::trainer::keys::Word;

/// The collator of a trainer.
pub(in crate::trainer) enum Collator {
    /// None is named: it follows from the other parts.
    LeftOut,
    /// One of the core.
    BuiltIn(BuiltIn),
    /// A value of a type that the user says is a collator.
    Value(Expr),
}

/// A collator of the core, and what is said of it.
pub(in crate::trainer) struct BuiltIn {
    /// Its name as it was written.
    pub(in crate::trainer) path: Path,
    pub(in crate::trainer) name: &'static str,
    /// What it cannot be made without.
    pub(in crate::trainer) first: Option<Expr>,
    pub(in crate::trainer) said: Vec<(Ident, Expr)>,
    /// Names that stand alone, and whether they were given as `true`.
    pub(in crate::trainer) switches: Vec<(Ident, bool)>,
}

impl BuiltIn {
    /// The value of an argument, if it was given.
    pub(in crate::trainer) fn said(&self, name: &str) -> Option<&Expr> {
        self.said.iter().find(|(said, _)| said == name).map(|(_, value)| value)
    }

    /// A name that stands alone, as it was written.
    pub(in crate::trainer) fn switch(&self, name: &str) -> Option<&(Ident, bool)> {
        self.switches.iter().find(|(said, _)| said == name)
    }

    /// Whether it takes a token to pad with from the tokenizer.
    pub(in crate::trainer) fn pads(&self) -> bool {
        let fills_up = match self.name {
            "Default" => false,
            "Flattening" => self.said("pad_to_multiple_of").is_some(),
            _ => true,
        };
        fills_up && self.said("pad_id").is_none()
    }
}

/// Names of Hugging Face, with what to write.
const FOREIGN: &[(&str, &str, &str)] = &[
    ("DataCollatorWithPadding", "Padding", "`collator = Padding`"),
    ("DefaultDataCollator", "Default", "`collator = Default`"),
    ("default_data_collator", "Default", "`collator = Default`"),
    ("DataCollatorForTokenClassification", "TokenClassification", "`collator = TokenClassification`"),
    ("DataCollatorForSeq2Seq", "Seq2Seq", "`collator = Seq2Seq`"),
    (
        "DataCollatorForLanguageModeling",
        "MaskedLm",
        "`collator = MaskedLm`; what is `mlm=False` there is `collator = CausalLm` here",
    ),
    ("DataCollatorForWholeWordMask", "MaskedLm", "`collator = MaskedLm(whole_word)`"),
    ("DataCollatorForCompletionOnlyLM", "CompletionOnly", "`collator = CompletionOnly(response_template = \"…\")`"),
    ("DataCollatorWithFlattening", "Flattening", "`collator = Flattening`"),
];

/// Names of arguments that Hugging Face has for these.
const FOREIGN_ARGUMENTS: &[(&str, &str)] = &[
    ("mlm_probability", "probability = 0.15"),
    ("mask_replace_prob", "mask = 0.8"),
    ("random_replace_prob", "random = 0.1"),
    ("whole_word_mask", "whole_word"),
    ("completion_only_loss", "completion_only"),
    ("assistant_only_loss", "completion_only"),
    ("max_source_length", "max_length = 128"),
];

pub(super) fn plan(written: Option<Expr>, trainer: &Ident, has_tokenizer: bool, errors: &mut Errors) -> Collator {
    let Some(value) = written else { return Collator::LeftOut };
    if let Expr::Lit(literal) = &value {
        errors.add_spanned(literal, "`collator` takes a name, without quotes", "`collator = Padding`");
        return Collator::LeftOut;
    }
    let original = value.clone();
    let Ok(call) = Call::read(value) else { return Collator::Value(original) };
    let name = call.name().unwrap_or_default();
    if let Some((_, known, help)) = FOREIGN.iter().find(|(foreign, ..)| *foreign == name) {
        errors.add_spanned(&call.path, format!("`{name}` is called `{known}` here"), *help);
        return Collator::LeftOut;
    }
    match COLLATORS.iter().find(|known| known.name == name) {
        Some(word) => built_in(call, word, trainer, has_tokenizer, errors),
        None => Collator::Value(original),
    }
}

fn built_in(
    mut call: Call,
    word: &'static Word,
    trainer: &Ident,
    has_tokenizer: bool,
    errors: &mut Errors,
) -> Collator {
    let (name, known) = (word.name, word.known());
    call.arguments.read_lone_names_of(&known);
    for (foreign, example) in FOREIGN_ARGUMENTS.iter().filter(|(_, own)| known.iter().any(|key| key.example == *own)) {
        while let Some((written, _)) = call.arguments.take_named(foreign) {
            let own = example.split(' ').next().unwrap_or(example);
            errors.add(written.span(), format!("`{foreign}` is called `{own}` here"), format!("`{example}`"));
        }
    }
    if name == "Flattening" {
        // A longest sequence, which is near by its name, is another thing.
        while let Some((written, _)) = call.arguments.take_named("fixed_length") {
            let help = "its row is as long as the sequences in it; `pad_to_multiple_of = 8` fills it up";
            errors.add(written.span(), "`Flattening` takes no `fixed_length`", help);
        }
    }
    // What is misspelt may be what another key needs beside it.
    let before = errors.len();
    call.arguments.refuse_strangers(name, &known, errors);
    let is_spelled = errors.len() == before;
    let first = word.first.and_then(|first| first_value(&mut call, word, first, is_spelled, errors));
    let is_incomplete = word.first.is_some() && first.is_none();
    let (mut said, mut switches) = (Vec::new(), Vec::new());
    for key in word.keys {
        if key.takes.is_empty() {
            switches.extend(call.arguments.take_switch(key.name, errors));
        } else if let Some(value) = call.arguments.take(key.name)
            && let Some(value) = judged(key, value, errors)
        {
            said.push((Ident::new(key.name, Span::call_site()), value));
        }
    }
    call.arguments.refuse_rest(name, &known, errors);
    let collator = BuiltIn { path: call.path, name, first, said, switches };
    if is_spelled {
        refuse_what_does_not_go_together(&collator, errors);
    }
    if !has_tokenizer {
        refuse_without_tokenizer(&collator, trainer, errors);
    }
    if is_incomplete { Collator::LeftOut } else { Collator::BuiltIn(collator) }
}

fn first_value(call: &mut Call, word: &Word, first: Key, is_spelled: bool, errors: &mut Errors) -> Option<Expr> {
    let Some(value) = call.arguments.take_first(first.name) else {
        if is_spelled {
            let message = format!("`{}` needs its `{}`", word.name, first.name);
            errors.add_spanned(&call.path, message, format!("`{}`", word.example));
        }
        return None;
    };
    refuse_zero(first.name, &value, first.example, errors);
    Some(value)
}

/// A value of the kind that the key takes.
fn judged(key: &Key, value: Expr, errors: &mut Errors) -> Option<Expr> {
    let is_text = key.takes.starts_with("a text");
    let is_number = key.takes == "a number";
    match &value {
        Expr::Lit(ExprLit { lit, .. }) if is_text && !matches!(lit, Lit::Str(_)) => {
            errors.add_spanned(&value, format!("`{}` takes a text in quotes", key.name), format!("`{}`", key.example));
            None
        }
        _ if is_number && is_other_literal(&value) => {
            errors.add_spanned(&value, format!("`{}` takes a number", key.name), format!("`{}`", key.example));
            None
        }
        _ if is_number => Some(with_fraction(value)),
        _ => {
            if !is_text && key.name != "pad_id" {
                refuse_zero(key.name, &value, key.example, errors);
            }
            Some(value)
        }
    }
}

fn refuse_what_does_not_go_together(collator: &BuiltIn, errors: &mut Errors) {
    if collator.switch("whole_word").is_some_and(|(_, is_on)| *is_on) {
        for share in ["mask", "random"] {
            if let Some(value) = collator.said(share) {
                let message =
                    format!("`whole_word` hides every token of a word that is chosen, so there is no `{share}`");
                errors.add_spanned(value, message, format!("leave `{share}` out, or `whole_word`"));
            }
        }
    }
    if let (Some(value), None) = (collator.said("instruction_template"), collator.said("response_template")) {
        let message = "`instruction_template` says where answers end, but nothing says where they begin";
        errors.add_spanned(value, message, "`response_template = \"### Assistant:\"` beside it");
    }
}

fn refuse_without_tokenizer(collator: &BuiltIn, trainer: &Ident, errors: &mut Errors) {
    let name = collator.name;
    if name == "MaskedLm" {
        let message = format!("`MaskedLm` takes its mask token from the tokenizer, but `{trainer}` has no `tokenizer`");
        errors.add_spanned(&collator.path, message, "add the field `tokenizer: Tokenizer`");
    } else if collator.said("response_template").is_some() {
        let message = format!("`response_template` is found as tokens, but `{trainer}` has no `tokenizer`");
        errors.add_spanned(&collator.path, message, "add the field `tokenizer: Tokenizer`");
    } else if collator.pads() {
        let message = format!("`{name}` takes its token from the tokenizer, but `{trainer}` has no `tokenizer`");
        let own = if name == "Packing" { format!("{}, ", ROW_LENGTH.example) } else { String::new() };
        let help = format!(
            "add the field `tokenizer: Tokenizer`; for data that is already tokenised: `{name}({own}pad_id = 0)`"
        );
        errors.add_spanned(&collator.path, message, help);
    }
}
