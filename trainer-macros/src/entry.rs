//! From the compiler's tokens to one of the macros and back.
//!
//! What comes in: what stands in the source. What goes out: what the macro makes of it, with what an editor looks into,
//! and a copy in a file where one is asked for.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use syn::{DeriveInput, ItemFn};

use crate::debug;
use crate::editor::{self, Attributes, Lower};

/// Expands a derive.
pub(crate) fn derive(
    item: TokenStream,
    name: &str,
    attributes: Attributes,
    expand: fn(&DeriveInput) -> Tokens,
) -> TokenStream {
    let item = match syn::parse::<DeriveInput>(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error().into(),
    };
    let expansion = expand(&item);
    debug::write(name, Some(&item.ident), &expansion);
    joined([editor::of_derive(&item, attributes), debug::tracked(), expansion])
}

/// Expands an attribute.
pub(crate) fn attribute(
    keys: TokenStream,
    item: TokenStream,
    name: &str,
    lower: Lower,
    expand: fn(Tokens, Tokens) -> Tokens,
) -> TokenStream {
    let (keys, item) = (Tokens::from(keys), Tokens::from(item));
    let expansion = expand(keys.clone(), item.clone());
    debug::write(name, debug::name_of(item.clone()).as_ref(), &expansion);
    match syn::parse2::<ItemFn>(item) {
        // A method stands in an `impl`, where nothing can stand beside it.
        Ok(function) if function.sig.receiver().is_some() => expansion.into(),
        // So may another function.
        Ok(_) => joined([editor::of_attribute(name, keys, lower), expansion]),
        Err(_) => joined([editor::of_attribute(name, keys, lower), debug::tracked(), expansion]),
    }
}

/// What an editor looks into goes first: while a word is typed, nothing in front of it may change its length, as the words
/// of an error would.
fn joined<const PARTS: usize>(parts: [Tokens; PARTS]) -> TokenStream {
    parts.into_iter().collect::<Tokens>().into()
}
