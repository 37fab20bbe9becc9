//! `#[derive(Example)]`: a struct becomes the schema of a data set.
//!
//! What comes in: a struct whose fields have roles. What goes out: its implementation of `Example`, with the task that the
//! roles amount to. It refuses fields without a role, roles given twice, and roles that make no task.

mod check;
mod expand;
mod parse;
mod role;

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;

/// The implementation for the struct, or the mistakes found in it and an implementation that stands in.
pub(crate) fn derive(item: &syn::DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let Some(written) = parse::read(item, &mut errors) else { return errors.into_compile_errors() };
    let core = written.core.clone();
    let plan = check::plan(written, &mut errors);
    let code = if errors.is_empty() { expand::implementation(&plan) } else { expand::stand_in(&plan) };
    let mut tokens = core.around(code);
    tokens.extend(errors.into_compile_errors());
    tokens
}
