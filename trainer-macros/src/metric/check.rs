//! Which functions are metrics.

use syn::{LitStr, Path};

use super::parse::{SIGNATURE, Written};
use crate::diagnostics::Errors;
use crate::function::Function;

/// What the implementation is made of.
pub(super) struct Plan {
    pub(super) krate: Path,
    pub(super) name: String,
    pub(super) greater_is_better: bool,
    pub(super) function: Function,
}

/// The plan for `written`; mistakes are noted.
pub(super) fn plan(written: Written, errors: &mut Errors) -> Plan {
    let Written { krate, name, greater_is_better, function } = written;
    // Where there is `self`, that is reported already.
    if function.arguments.is_empty() && errors.is_empty() {
        let message = format!("`{}` looks at nothing", function.ident);
        errors.add(function.ident.span(), message, format!("the arguments say what it needs: `{SIGNATURE}`"));
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
    Plan { krate, name, greater_is_better, function }
}
