//! `#[metric]`: a function becomes a metric that a trainer can be given.
//!
//! What comes in: a function whose arguments say what it looks at. What goes out: the function as it is, and a type of the
//! same name that implements `MetricFunction`. It refuses methods, and functions that are not plain.

mod check;
mod expand;
pub(crate) mod keys;
mod parse;

use proc_macro2::TokenStream;

use crate::diagnostics::Errors;

/// The function, the type beside it, and the mistakes found.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut tokens = item.clone();
    if let Some(written) = parse::read(arguments, item, &mut errors).filter(|written| !written.function.is_method) {
        let plan = check::plan(written, &mut errors);
        tokens.extend(if errors.is_empty() { expand::metric_function(&plan) } else { expand::stand_in(&plan) });
    }
    tokens.extend(errors.into_compile_errors());
    tokens
}
