//! `#[derive(Example)]`: a struct becomes the schema of a data set.
//!
//! What comes in: a struct whose fields have roles. What goes out: its implementation of `Example`, with the task that the
//! roles amount to, and the checks of the data files that it names. It refuses fields without a role, roles given twice,
//! roles that make no task, and files that cannot be read.

mod check;
mod expand;
mod files;
mod parse;
pub(crate) mod role;

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;

/// The implementation for the struct, or the mistakes found in it and an implementation that stands in.
pub(crate) fn derive(item: &syn::DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let Some(written) = parse::read(item, &mut errors) else { return errors.into_compile_errors() };
    let plan = check::plan(written, &mut errors);
    let is_right = errors.is_empty();
    let looked = files::look(&plan, &mut errors);
    let mut tokens = if is_right { expand::implementation(&plan, &looked) } else { expand::stand_in(&plan) };
    tokens.extend(errors.into_compile_errors());
    tokens
}
