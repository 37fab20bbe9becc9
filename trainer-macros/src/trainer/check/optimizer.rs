//! What the key `optimizer` says.

use proc_macro2::{Ident, Span};
use syn::{Expr, Path};

use crate::diagnostics::{Errors, nearest};
use crate::keys::source;
use crate::trainer::arguments::{Call, is_other_literal, number, with_fraction};
use crate::trainer::keys::{DAMPENING, MOMENTUM, NESTEROV, OPTIMIZERS};

/// The optimiser of a trainer.
pub(in crate::trainer) enum Optimizer {
    /// One of the core, with what is said of it: the method, and its number if it takes one.
    BuiltIn { name: String, said: Vec<(Ident, Option<Expr>)> },
    /// A function of the user's.
    Function(Path),
}

impl Optimizer {
    /// How many numbers it keeps for each that is trained, at most; `None` for those of rows and columns.
    pub(in crate::trainer) fn kept_numbers(&self) -> Option<usize> {
        match self {
            Self::BuiltIn { name, said } => match name.as_str() {
                "sgd" => Some(usize::from(said.iter().any(|(key, _)| key == MOMENTUM.name))),
                "adafactor" => None,
                "lion" => Some(1),
                _ => Some(2),
            },
            Self::Function(_) => Some(2),
        }
    }
}

/// Names of other libraries, with what to write.
const FOREIGN: &[(&str, &str)] = &[
    ("AdamW", "adamw"),
    ("Adam", "adamw"),
    ("adam", "adamw"),
    ("adamw_torch", "adamw"),
    ("adamw_torch_fused", "adamw"),
    ("SGD", "sgd"),
    ("Adafactor", "adafactor"),
    ("Lion", "lion"),
    ("lion_32bit", "lion"),
];

pub(super) fn plan(written: Option<Expr>, errors: &mut Errors) -> Option<Optimizer> {
    let call = match Call::read(written?) {
        Ok(call) => call,
        Err(other) => {
            errors.add_spanned(other, "`optimizer` takes a name", "`optimizer = adamw`");
            return None;
        }
    };
    let name = call.name().unwrap_or_default();
    if let Some((_, known)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        let message = format!("`{name}` is called `{known}` here");
        errors.add_spanned(&call.path, message, format!("`optimizer = {known}`"));
        return None;
    }
    let is_known = OPTIMIZERS.iter().any(|known| known.name == name);
    match (name.as_str(), call.arguments.is_empty()) {
        ("sgd", _) => Some(sgd(call, errors)),
        (_, true) if is_known => Some(Optimizer::BuiltIn { name, said: Vec::new() }),
        (_, true) => Some(Optimizer::Function(call.path)),
        (_, false) if is_known => {
            let numbers = match name.as_str() {
                "adafactor" => "`learning_rate` and `weight_decay`",
                "lion" => "`learning_rate`, `weight_decay`, `adam_beta1` and `adam_beta2`",
                _ => "`learning_rate`, `weight_decay`, `adam_beta1`, `adam_beta2` and `adam_epsilon`",
            };
            let message = format!("the numbers of `{name}` are training arguments");
            errors.add_spanned(&call.path, message, format!("{numbers} of `#[derive(TrainingArgs)]`"));
            None
        }
        (_, false) => {
            let spelled = source(&call.path);
            let help = match nearest(&name, OPTIMIZERS.iter().map(|known| known.name)) {
                Some(near) => format!("did you mean `{near}`? A function of your own is written without parentheses"),
                None => format!("a function of your own is written without parentheses: `optimizer = {spelled}`"),
            };
            errors.add_spanned(&call.path, format!("`{spelled}` is no optimiser that takes values"), help);
            None
        }
    }
}

fn sgd(mut call: Call, errors: &mut Errors) -> Optimizer {
    let known = [MOMENTUM, DAMPENING, NESTEROV];
    call.arguments.read_lone_names();
    // A number that is misspelt or of another kind may be the one that `nesterov` asks for.
    let before = errors.len();
    call.arguments.refuse_strangers("sgd", &known, errors);
    let mut said = Vec::new();
    for key in [MOMENTUM, DAMPENING] {
        let Some(value) = call.arguments.take(key.name) else { continue };
        if is_other_literal(&value) {
            let message = format!("`{}` takes a number", key.name);
            errors.add_spanned(&value, message, format!("`{}`", key.example));
            continue;
        }
        said.push((Ident::new(key.name, Span::call_site()), Some(with_fraction(value))));
    }
    let is_understood = errors.len() == before;
    if let Some((written, true)) = call.arguments.take_switch(NESTEROV.name, errors) {
        let of = |key: &str| said.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_ref());
        let is_plain = of(MOMENTUM.name).is_none_or(|momentum| number(momentum) == Some(0.0));
        let is_damped = of(DAMPENING.name).is_some_and(|dampening| number(dampening) != Some(0.0));
        if is_understood && (is_plain || is_damped) {
            let message = "`nesterov` looks ahead by the momentum, without dampening";
            errors.add(written.span(), message, "`sgd(momentum = 0.9, nesterov)`");
        }
        said.push((Ident::new(NESTEROV.name, Span::call_site()), None));
    }
    call.arguments.refuse_rest("sgd", &known, errors);
    Optimizer::BuiltIn { name: "sgd".to_owned(), said }
}
