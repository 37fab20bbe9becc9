//! What the key `loss` says.

use proc_macro2::{Ident, Span};
use syn::{Expr, Path};

use crate::diagnostics::{Errors, nearest};
use crate::keys::{Key, source};
use crate::trainer::arguments::{Call, is_other_literal, with_fraction};
use crate::trainer::keys::{ALPHA, IGNORE_INDEX, LOSSES, Word};

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
    /// The `alpha` of a focal loss.
    pub(in crate::trainer) alpha: Option<Weights>,
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

/// Names of other libraries, with what to write.
const FOREIGN: &[(&str, &str)] = &[
    ("cross_entropy", "ce"),
    ("CrossEntropyLoss", "ce"),
    ("binary_cross_entropy", "bce"),
    ("BCEWithLogitsLoss", "bce"),
    ("MSELoss", "mse"),
    ("L1Loss", "mae"),
    ("HuberLoss", "huber"),
    ("SmoothL1Loss", "huber"),
    ("FocalLoss", "focal"),
    ("focal_loss", "focal"),
    ("sigmoid_focal_loss", "focal"),
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
    let help = match nearest(&name, LOSSES.iter().map(|known| known.name)) {
        Some(near) => format!("did you mean `{near}`? A function under `#[loss]` is written without parentheses"),
        None => format!("a function under `#[loss]` is written without parentheses: `loss = {name}`"),
    };
    errors.add_spanned(&call.path, message, help);
    Loss::LeftOut
}

fn built_in(mut call: Call, word: &Word, errors: &mut Errors) -> Loss {
    let (name, known) = (word.name.to_owned(), word.known());
    let before = errors.len();
    call.arguments.refuse_strangers(&name, &known, errors);
    let is_spelled = errors.len() == before;
    let weights = if let Some(first) = word.first {
        let given = call.arguments.take_first(first.name);
        if given.is_none() && is_spelled {
            errors.add_spanned(&call.path, format!("`{name}` needs its weights"), example(word));
        }
        given.and_then(|given| weights(given, word, errors))
    } else {
        None
    };
    let is_incomplete = word.first.is_some() && weights.is_none();
    let (mut said, mut alpha) = (Vec::new(), None);
    for Key { name: argument, example, .. } in word.keys {
        let Some(value) = call.arguments.take(argument) else { continue };
        if *argument == ALPHA.name {
            alpha = self::weights(value, word, errors);
            continue;
        }
        if is_other_literal(&value) {
            errors.add_spanned(&value, format!("`{argument}` takes a number"), format!("`{example}`"));
            continue;
        }
        let value = if *argument == IGNORE_INDEX.name { value } else { with_fraction(value) };
        said.push((Ident::new(argument, Span::call_site()), value));
    }
    call.arguments.refuse_rest(&name, &known, errors);
    if is_incomplete {
        Loss::LeftOut
    } else {
        Loss::BuiltIn(Box::new(BuiltIn { path: call.path, name, weights, alpha, said }))
    }
}

/// How the class weights of a loss are written.
fn example(word: &Word) -> String {
    match word.first {
        Some(_) => format!("`{}`, one weight for each class", word.example),
        None => format!("`{}({})`, one number for each class", word.name, ALPHA.example),
    }
}

fn weights(given: Expr, word: &Word, errors: &mut Errors) -> Option<Weights> {
    let refused = |value: &Expr, errors: &mut Errors| {
        errors.add_spanned(value, "a class weight is a number", example(word));
    };
    match with_fraction(given) {
        Expr::Reference(reference) if reference.mutability.is_none() => {
            weights(crate::keys::bare(*reference.expr), word, errors)
        }
        Expr::Macro(call) => {
            let name = source(&call.mac.path);
            let message = format!("`{name}!` makes a list at run time, but class weights are known while compiling");
            let help = match (name == "vec", word.first) {
                (true, Some(_)) => format!("`{}([{}])`", word.name, call.mac.tokens),
                (true, None) => format!("`{}({} = [{}])`", word.name, ALPHA.name, call.mac.tokens),
                (false, _) => example(word),
            };
            errors.add_spanned(&call, message, help);
            None
        }
        call @ (Expr::Call(_) | Expr::MethodCall(_)) => {
            errors.add_spanned(&call, "class weights are a list of numbers, or a constant of them", example(word));
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
