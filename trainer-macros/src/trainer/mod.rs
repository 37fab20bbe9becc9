//! `#[trainer(…)]`: a struct becomes a trainer.
//!
//! What comes in: a struct whose fields are the parts of a trainer, and the keys that say the rest. What goes out: the
//! struct as it is, its implementation of `TrainerParts`, and one constant for each rule between the parts. It refuses
//! missing fields, and keys and values that it does not know.

mod arguments;
mod check;
pub(crate) mod collator_keys;
pub(crate) mod editor;
mod expand;
pub(crate) mod keys;
pub(crate) mod metric_keys;
mod parse;
pub(crate) mod peft_keys;

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;

/// The struct, its implementation, and the mistakes found.
pub(crate) fn attribute(keys: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut tokens = item.clone();
    if let Some(written) = parse::read(keys, item, &mut errors) {
        let core = written.core.clone();
        let plan = check::plan(written, &mut errors);
        tokens.extend(core.around(expand::trainer(&plan)));
    }
    tokens.extend(errors.into_compile_errors());
    tokens
}
