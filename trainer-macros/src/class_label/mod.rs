//! `#[derive(ClassLabel)]`: an enum becomes a label set.
//!
//! What comes in: an enum of unit variants. What goes out: its implementation of `ClassLabel`, and its reading and writing
//! by name. It refuses whatever is no list of at least two different names.

mod check;
mod expand;
pub(crate) mod keys;
mod parse;

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;
use crate::editor::Attributes;

/// Where the keys stand.
pub(crate) const ATTRIBUTES: Attributes = Attributes { outer: ("label", "label"), inner: ("label", "label_variant") };

/// The implementations for the enum, or the mistakes found in it.
pub(crate) fn derive(item: &syn::DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let written = parse::read(item, &mut errors);
    let core = written.as_ref().map(|written| written.core.clone()).unwrap_or_default();
    let plan = check::plan(written, &mut errors);
    let mut tokens = plan.map(|plan| core.around(expand::implementations(&plan))).unwrap_or_default();
    tokens.extend(errors.into_compile_errors());
    tokens
}
