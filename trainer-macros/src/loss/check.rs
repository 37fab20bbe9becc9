//! Which functions are losses.

use syn::{Path, Type};

use super::parse::{SIGNATURE, Written};
use crate::diagnostics::Errors;
use crate::function::Function;
use crate::keys::Core;

/// What the implementation is made of.
pub(super) struct Plan {
    pub(super) core: Core,
    pub(super) krate: Path,
    pub(super) function: Function,
    /// The types of the two arguments and of what is returned, if they are there to be compared by the compiler.
    pub(super) types: Option<[Type; 3]>,
}

/// The plan for `written`; mistakes are noted.
pub(super) fn plan(written: Written, errors: &mut Errors) -> Plan {
    let Written { core, function } = written;
    let types = match (function.arguments.as_slice(), &function.output) {
        ([output, batch], Some(returned)) => Some([output.clone(), batch.clone(), returned.clone()]),
        ([_, _], None) => None,
        (arguments, _) => {
            // Where `self` or the return type is at fault, that is reported already.
            if errors.is_empty() {
                let plural = if arguments.len() == 1 { "" } else { "s" };
                let message =
                    format!("`{}` takes {} argument{plural}, but a loss takes two", function.ident, arguments.len());
                errors.add(function.ident.span(), message, format!("`{SIGNATURE}`"));
            }
            None
        }
    };
    let krate = core.path();
    Plan { core, krate, function, types }
}
