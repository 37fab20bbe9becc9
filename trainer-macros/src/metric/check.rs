//! Which functions are metrics.

use syn::{LitStr, Path, Type};

use super::parse::{SIGNATURE, Written};
use crate::diagnostics::Errors;
use crate::function::Function;
use crate::keys::{Core, source};

/// What the core says too, of other types.
const WHAT_TO_RETURN: &str =
    "return `f64`, `Option<f64>`, `[(&'static str, f64); N]`, or a struct of numbers that derives `Serialize`";

/// What the implementation is made of.
pub(super) struct Plan {
    pub(super) core: Core,
    pub(super) krate: Path,
    pub(super) name: String,
    pub(super) greater_is_better: bool,
    pub(super) function: Function,
}

/// The plan for `written`; mistakes are noted.
pub(super) fn plan(written: Written, errors: &mut Errors) -> Plan {
    let Written { core, name, greater_is_better, function } = written;
    // Where there is `self`, that is reported already.
    if function.arguments.is_empty() && errors.is_empty() {
        let message = format!("`{}` looks at nothing", function.ident);
        errors.add(function.ident.span(), message, format!("the arguments say what it needs: `{SIGNATURE}`"));
    }
    for argument in &function.arguments {
        if let Type::Reference(reference) = argument
            && matches!(&*reference.elem, Type::Path(_))
        {
            let message = format!("`{}` borrows what it looks at, but a metric is given it", function.ident);
            errors.add_spanned(reference, message, format!("`{}`, without `&`", source(&reference.elem)));
        }
    }
    if let Some(Type::Path(output)) = &function.output
        && output.path.segments.last().is_some_and(|last| last.ident == "Result")
    {
        // Of a `Result` the compiler would say twice that it is no value: of its type, and of the error in it.
        errors.add_spanned(output, format!("`{}` returns a `Result`", function.ident), WHAT_TO_RETURN);
    }
    if let Some(name) = &name
        && name.value().chars().any(char::is_whitespace)
    {
        let message = format!("\"{}\" has spaces, but a metric's name is a key in the results", name.value());
        errors.add(
            name.span(),
            message,
            format!("`name = \"{}\"`", name.value().split_whitespace().collect::<Vec<_>>().join("_")),
        );
    }
    let name = name.as_ref().map_or_else(|| function.name(), LitStr::value);
    let krate = core.path();
    Plan { core, krate, name, greater_is_better, function }
}
