//! The values of `#[trainer(…)]`, as an editor looks into them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Expr, Path};

use super::arguments::Call;
use super::collator_keys::COLLATORS;
use super::keys::{LOSSES, OPTIMIZERS, Word};
use super::metric_keys::METRICS;
use super::peft_keys::ADAPTERS;
use crate::editor::{as_written, field, filled, keys_of};
use crate::keys::bare;

/// A value as an editor understands it: a name of the core's as its struct in `trainer_core::keys`.
pub(crate) fn lower(krate: &Path, key: &str, value: Expr) -> TokenStream {
    let (module, words) = match key {
        "collator" => ("collators", COLLATORS),
        "loss" => ("losses", LOSSES),
        "metrics" => ("metrics", METRICS),
        "optimizer" => ("optimizers", OPTIMIZERS),
        "peft" => ("adapters", ADAPTERS),
        _ => return list(krate, value, &|value| quote!(#value)),
    };
    list(krate, value, &|value| word(krate, module, words, value))
}

fn list(krate: &Path, value: Expr, lower: &dyn Fn(Expr) -> TokenStream) -> TokenStream {
    match value {
        Expr::Array(array) => {
            let values = array.elems.into_iter().map(|value| lower(bare(value)));
            quote!(#krate::keys::given((#(#values,)*)))
        }
        other => {
            let value = lower(other);
            quote!(#krate::keys::given(#value))
        }
    }
}

// f1                      { use ::trainer_core::keys::metrics::names::*; f1 }
// f1(average = "macro")   { let _ = ::trainer_core::keys::metrics::names::f1; F1Keys { average: given("macro"), … } }
fn word(krate: &Path, module: &str, words: &[Word], value: Expr) -> TokenStream {
    let Ok(call) = Call::read(value.clone()) else { return quote!(#value) };
    let Some(name) = call.path.get_ident().cloned() else { return quote!(#value) };
    let module = format_ident!("{module}");
    let known = words.iter().find(|known| name == known.name);
    match known.filter(|known| !call.arguments.is_empty() && !known.known().is_empty()) {
        Some(known) => {
            let keys = keys_of(known.name);
            let keys = filled(&quote!(#krate::keys::#module::#keys), &arguments(krate, known, call));
            quote!({ let _ = #krate::keys::#module::names::#name; #keys })
        }
        // The name may be one that is not finished, so those of the core are in reach.
        None => quote!({ use #krate::keys::#module::names::*; #name }),
    }
}

fn arguments(krate: &Path, word: &Word, call: Call) -> Vec<TokenStream> {
    let (positional, named) = call.arguments.into_parts();
    let mut fields = Vec::new();
    for (position, value) in positional.into_iter().enumerate() {
        match (word.first, &value) {
            (Some(first), _) if position == 0 => {
                let first = format_ident!("{}", first.name);
                fields.extend(field(krate, &first, Some(as_written(krate, word.name, value))));
            }
            // A key that has no value yet.
            (_, Expr::Path(path)) => fields.extend(path.path.get_ident().and_then(|key| field(krate, key, None))),
            _ => {}
        }
    }
    let named =
        named.into_iter().filter_map(|(key, value)| field(krate, &key, Some(as_written(krate, word.name, value))));
    fields.extend(named);
    fields
}
