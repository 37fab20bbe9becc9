//! The function as it was written.

use proc_macro2::TokenStream;

use super::keys::KEYS;
use crate::diagnostics::Errors;
use crate::function::{self, Function};
use crate::keys::{Core, Keys};

/// What a loss looks like.
pub(super) const SIGNATURE: &str = "fn name(output: &Output, batch: &Batch) -> Result<LossSum>";

/// What stands in the source, not yet known to make sense.
pub(super) struct Written {
    pub(super) core: Core,
    pub(super) function: Function,
}

/// Reads the attribute and the function.
pub(super) fn read(arguments: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Written> {
    let mut keys = Keys::new("loss", KEYS);
    keys.read(arguments, errors);
    keys.refuse_strangers(&[], errors);
    let core = keys.take_crate(errors);
    let function = function::read("loss", SIGNATURE, item, errors)?;
    Some(Written { core, function })
}
