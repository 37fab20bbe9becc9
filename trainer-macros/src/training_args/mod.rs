//! `#[derive(TrainingArgs)]`: a struct whose fields may vary from run to run.

mod agreements;
#[cfg(test)]
pub(crate) mod arguments;
mod check;
mod expand;
pub(crate) mod keys;
mod lower;
pub(crate) mod names;
mod parse;
mod rules;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diagnostics::Errors;
use crate::editor::Attributes;

/// Where the keys stand.
pub(crate) const ATTRIBUTES: Attributes =
    Attributes { outer: ("training_args", "training_args"), inner: ("arg", "arg") };

/// The implementations for the struct, and its mistakes.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let code = match parse::read(input, &mut errors) {
        Some(written) => {
            let core = written.core.clone();
            core.around(expand::expand(&check::plan(written, &mut errors)))
        }
        None => expand::placeholder(input, &syn::parse_quote!(::trainer_core)),
    };
    let errors = errors.into_compile_errors();
    quote!(#errors #code)
}
