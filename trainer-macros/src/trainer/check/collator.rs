//! What the key `collator` says.

use proc_macro2::{Ident, Span};
use syn::{Expr, Path};

use crate::diagnostics::Errors;
use crate::keys::Key;
use crate::trainer::arguments::{Call, refuse_zero};
use crate::trainer::keys::PADDING;

/// The collator of a trainer.
pub(in crate::trainer) enum Collator {
    /// None is named: it follows from the other parts.
    LeftOut,
    /// `Default`, as it was written.
    Default(Path),
    /// `Padding`, as it was written, and what is said of it.
    Padding(Path, Vec<(Ident, Expr)>),
    /// A value of a type that the user says is a collator.
    Value(Expr),
}

/// Collators of tasks that later versions have.
const LATER: &[(&str, &str)] = &[
    ("TokenClassification", "token classification"),
    ("Seq2Seq", "sequence-to-sequence training"),
    ("MaskedLm", "masked language modelling"),
    ("CausalLm", "causal language modelling"),
    ("CompletionOnly", "supervised fine-tuning"),
    ("Flattening", "packed sequences"),
];

/// Names of Hugging Face, with what to write.
const FOREIGN: &[(&str, &str)] =
    &[("DataCollatorWithPadding", "Padding"), ("DefaultDataCollator", "Default"), ("default_data_collator", "Default")];

pub(super) fn plan(written: Option<Expr>, trainer: &Ident, has_tokenizer: bool, errors: &mut Errors) -> Collator {
    let Some(value) = written else { return Collator::LeftOut };
    if let Expr::Lit(literal) = &value {
        errors.add_spanned(literal, "`collator` takes a name, without quotes", "`collator = Padding`");
        return Collator::LeftOut;
    }
    let original = value.clone();
    let Ok(mut call) = Call::read(value) else { return Collator::Value(original) };
    let name = call.name().unwrap_or_default();
    if let Some((_, task)) = LATER.iter().find(|(later, _)| *later == name) {
        let message = format!("`{name}` needs {task}, which this version does not have");
        errors.add_spanned(&call.path, message, "these are there: `Default`, `Padding`, or your own `Collator`");
        return Collator::LeftOut;
    }
    if let Some((_, known)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        errors.add_spanned(&call.path, format!("`{name}` is called `{known}` here"), format!("`collator = {known}`"));
        return Collator::LeftOut;
    }
    match name.as_str() {
        "Default" => {
            call.arguments.refuse_strangers("Default", &[], errors);
            call.arguments.refuse_rest("Default", &[], errors);
            Collator::Default(call.path)
        }
        "Padding" => padding(call, trainer, has_tokenizer, errors),
        _ => Collator::Value(original),
    }
}

fn padding(mut call: Call, trainer: &Ident, has_tokenizer: bool, errors: &mut Errors) -> Collator {
    call.arguments.refuse_strangers("Padding", PADDING, errors);
    let mut said = Vec::new();
    for Key { name, example, .. } in PADDING {
        if let Some(value) = call.arguments.take(name) {
            if *name != "pad_id" {
                refuse_zero(name, &value, example, errors);
            }
            said.push((Ident::new(name, Span::call_site()), value));
        }
    }
    call.arguments.refuse_rest("Padding", PADDING, errors);
    if !has_tokenizer && !said.iter().any(|(name, _)| name == "pad_id") {
        let message = format!("`Padding` takes its token from the tokenizer, but `{trainer}` has no `tokenizer`");
        let help = "add the field `tokenizer: Tokenizer`; for data that is already tokenised: `Padding(pad_id = 0)`";
        errors.add_spanned(&call.path, message, help);
    }
    Collator::Padding(call.path, said)
}
