//! What the key `loss` says.

use proc_macro2::{Ident, Span};
use syn::{Expr, Path};

use crate::diagnostics::{Errors, nearest};
use crate::keys::{Key, source};
use crate::trainer::arguments::{Call, is_other_literal, with_fraction};
use crate::trainer::keys::{IGNORE_INDEX, LABEL_SMOOTHING, LOSSES, Word};

/// The loss of a trainer.
pub(in crate::trainer) enum Loss {
    /// None is named: it is the task's own.
    LeftOut,
    /// One of the core, as it was written.
    BuiltIn(Box<BuiltIn>),
    /// A function under `#[loss]`.
    Function(Path),
}

/// A loss of the core, and what is said of it.
pub(in crate::trainer) struct BuiltIn {
    pub(in crate::trainer) path: Path,
    pub(in crate::trainer) name: String,
    pub(in crate::trainer) weights: Option<Weights>,
    pub(in crate::trainer) said: Vec<(Ident, Expr)>,
}

/// The loss of the core that is called most like a function, if one is.
pub(in crate::trainer) fn near_built_in(path: &Path) -> Option<&'static str> {
    let name = path.get_ident()?.to_string();
    nearest(&name, LOSSES.iter().map(|known| known.name))
}

/// The class weights of a loss.
pub(in crate::trainer) enum Weights {
    /// A list, each of which can be answered by itself.
    List(Expr, Vec<Expr>),
    /// A constant of the program.
    Constant(Expr),
}

/// How class weights are written.
const EXAMPLE: &str = "`weighted_ce([1.0, 2.0])`, one weight for each class";

const LATER: &[&str] = &["weighted_bce", "focal", "mae", "huber"];

/// Names of other libraries, with what to write.
const FOREIGN: &[(&str, &str)] = &[
    ("cross_entropy", "ce"),
    ("CrossEntropyLoss", "ce"),
    ("binary_cross_entropy", "bce"),
    ("BCEWithLogitsLoss", "bce"),
    ("MSELoss", "mse"),
];

pub(super) fn plan(written: Option<Expr>, errors: &mut Errors) -> Loss {
    let Some(value) = written else { return Loss::LeftOut };
    let call = match Call::read(value) {
        Ok(call) => call,
        Err(other) => {
            errors.add_spanned(
                other,
                "`loss` takes the name of a loss",
                "`loss = ce`, or a function under `#[loss]`: `loss = my_loss`",
            );
            return Loss::LeftOut;
        }
    };
    let name = call.name().unwrap_or_default();
    if LATER.contains(&name.as_str()) {
        let help = format!(
            "these are there: `ce`, `weighted_ce([…])`, `bce`, `mse`; a `#[loss]` function of this name is `self::{name}`"
        );
        errors.add_spanned(&call.path, format!("`loss = {name}` is not in this version"), help);
        return Loss::LeftOut;
    }
    if let Some((_, known)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        errors.add_spanned(&call.path, format!("`{name}` is called `{known}` here"), format!("`loss = {known}`"));
        return Loss::LeftOut;
    }
    match LOSSES.iter().find(|known| known.name == name) {
        Some(known) => built_in(call, known, errors),
        None => function(&call, errors),
    }
}

fn function(call: &Call, errors: &mut Errors) -> Loss {
    if call.arguments.is_empty() {
        return Loss::Function(call.path.clone());
    }
    let name = source(&call.path);
    let message = format!("`{name}` is no loss that takes values");
    let known = LOSSES.iter().map(|known| known.name).chain(LATER.iter().copied());
    let help = match nearest(&name, known) {
        Some(near) => format!("did you mean `{near}`? A function under `#[loss]` is written without parentheses"),
        None => format!("a function under `#[loss]` is written without parentheses: `loss = {name}`"),
    };
    errors.add_spanned(&call.path, message, help);
    Loss::LeftOut
}

fn built_in(mut call: Call, word: &Word, errors: &mut Errors) -> Loss {
    let (name, known) = (word.name.to_owned(), word.known());
    call.arguments.refuse_strangers(&name, &known, errors);
    let weights = if let Some(first) = word.first {
        let given = call.arguments.take_first(first.name);
        if given.is_none() {
            errors.add_spanned(&call.path, "`weighted_ce` needs its weights", EXAMPLE);
        }
        given.and_then(|given| weights(given, errors))
    } else {
        None
    };
    let is_incomplete = word.first.is_some() && weights.is_none();
    let mut said = Vec::new();
    for Key { name: argument, example, .. } in [LABEL_SMOOTHING, IGNORE_INDEX] {
        let Some(value) = call.arguments.take(argument) else { continue };
        if is_other_literal(&value) {
            errors.add_spanned(&value, format!("`{argument}` takes a number"), format!("`{example}`"));
            continue;
        }
        let value = if argument == LABEL_SMOOTHING.name { with_fraction(value) } else { value };
        said.push((Ident::new(argument, Span::call_site()), value));
    }
    call.arguments.refuse_rest(&name, &known, errors);
    if is_incomplete {
        Loss::LeftOut
    } else {
        Loss::BuiltIn(Box::new(BuiltIn { path: call.path, name, weights, said }))
    }
}

fn weights(given: Expr, errors: &mut Errors) -> Option<Weights> {
    let refused = |value: &Expr, errors: &mut Errors| {
        errors.add_spanned(value, "a class weight is a number", EXAMPLE);
    };
    match with_fraction(given) {
        Expr::Reference(reference) if reference.mutability.is_none() => {
            weights(crate::keys::bare(*reference.expr), errors)
        }
        Expr::Macro(call) => {
            let name = source(&call.mac.path);
            let message = format!("`{name}!` makes a list at run time, but class weights are known while compiling");
            let help = if name == "vec" { format!("`weighted_ce([{}])`", call.mac.tokens) } else { EXAMPLE.to_owned() };
            errors.add_spanned(&call, message, help);
            None
        }
        call @ (Expr::Call(_) | Expr::MethodCall(_)) => {
            errors.add_spanned(&call, "class weights are a list of numbers, or a constant of them", EXAMPLE);
            None
        }
        Expr::Array(array) => {
            let wrong: Vec<&Expr> = array.elems.iter().filter(|weight| is_other_literal(weight)).collect();
            for weight in &wrong {
                refused(weight, errors);
            }
            let list = array.elems.iter().cloned().collect();
            wrong.is_empty().then_some(Weights::List(Expr::Array(array.clone()), list))
        }
        literal @ Expr::Lit(_) => {
            refused(&literal, errors);
            None
        }
        constant => Some(Weights::Constant(constant)),
    }
}
