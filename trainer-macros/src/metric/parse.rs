//! The function as it was written.

use proc_macro2::TokenStream;
use syn::LitStr;

use super::keys::KEYS;
use crate::diagnostics::Errors;
use crate::function::{self, Function};
use crate::keys::{Core, Keys};

/// What a metric looks like.
pub(super) const SIGNATURE: &str = "fn name(predictions: Predictions<'_, Label>, labels: Labels<'_, Label>) -> f64";

/// What stands in the source, not yet known to make sense.
pub(super) struct Written {
    pub(super) core: Core,
    pub(super) name: Option<LitStr>,
    pub(super) greater_is_better: bool,
    pub(super) function: Function,
}

/// Reads the attribute and the function.
pub(super) fn read(arguments: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Written> {
    let mut keys = Keys::new("metric", KEYS);
    keys.read(arguments, errors);
    keys.refuse_strangers(&[], errors);
    let core = keys.take_crate(errors);
    let name = keys.take_string("name", errors);
    let greater_is_better = keys.take_bool("greater_is_better", errors).is_none_or(|flag| flag.value());
    let function = function::read("metric", SIGNATURE, item, errors)?;
    Some(Written { core, name, greater_is_better, function })
}
