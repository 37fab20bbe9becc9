//! `#[derive(TrainingArgs)]`: a struct whose fields may vary from run to run.

mod check;
mod expand;
mod lower;
mod names;
mod parse;
mod rules;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diagnostics::Errors;

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
