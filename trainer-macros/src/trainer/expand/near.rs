//! Built-in names for the compiler to suggest, where a name that is none of them may be a slip of the keyboard.
//!
//! A name that is not built in is a function of the user's, which only the compiler can look for. It suggests what is called
//! like it among the types that it sees: beside each use of the name stands a type with the name of the nearest built-in.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;

use crate::diagnostics::respan;
use crate::trainer::check::{Loss, Metric, Plan, near_loss, near_metric};

// #[allow(non_camel_case_types, dead_code)] struct accuracy {}       // at the key `metrics`
//
// The compiler suggests only what stands elsewhere than the name itself, and was written by the same hand.
fn named(path: &Path, key: Option<Span>, near: &str) -> TokenStream {
    let (Some(name), Some(key)) = (path.get_ident(), key) else { return TokenStream::new() };
    let near = Ident::new(near, name.span().located_at(key));
    let (start, end) = (respan(quote!(#[allow(non_camel_case_types, dead_code)] struct), key), respan(quote!({}), key));
    quote!(#start #near #end)
}

/// The built-in metrics that are near to functions of the list, each once.
pub(super) fn metrics(plan: &Plan, metrics: &[Metric]) -> TokenStream {
    let mut seen = BTreeSet::new();
    let near = metrics.iter().filter_map(|metric| match metric {
        Metric::Function(path) => {
            near_metric(path).filter(|near| seen.insert(*near)).map(|near| named(path, plan.keys.1, near))
        }
        Metric::BuiltIn(_) => None,
    });
    near.collect()
}

/// The built-in loss that is near to a function.
pub(super) fn loss(plan: &Plan) -> TokenStream {
    let Loss::Function(path) = &plan.loss else { return TokenStream::new() };
    near_loss(path).map_or_else(TokenStream::new, |near| named(path, plan.keys.0, near))
}
