//! `#[derive(Example)]`: a struct becomes the schema of a data set.
//!
//! What comes in: a struct whose fields have roles. What goes out: its implementation of `Example`, with the task that the
//! roles amount to, and the checks of the data files that it names. It refuses fields without a role, roles given twice,
//! roles that make no task, and files that cannot be read.

mod check;
mod expand;
mod files;
pub(crate) mod keys;
mod parse;
pub(crate) mod role;

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;
use crate::editor::Attributes;

/// Where the keys stand.
pub(crate) const ATTRIBUTES: Attributes =
    Attributes { outer: ("example", "example"), inner: ("example", "example_field") };

/// The implementation for the struct, or the mistakes found in it and an implementation that stands in.
pub(crate) fn derive(item: &syn::DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let Some(written) = parse::read(item, &mut errors) else { return errors.into_compile_errors() };
    let core = written.core.clone();
    let plan = check::plan(written, &mut errors);
    let is_right = errors.is_empty();
    let looked = files::look(&plan, &mut errors);
    let code = if is_right { expand::implementation(&plan, &looked) } else { expand::stand_in(&plan) };
    let mut tokens = core.around(code);
    tokens.extend(errors.into_compile_errors());
    tokens
}
