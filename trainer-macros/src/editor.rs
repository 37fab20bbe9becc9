//! What an editor looks into: the keys of an attribute once more, as fields of the documented structs in
//! `trainer_core::keys`.
//!
//! What comes in: the attribute's tokens, as far as they are written. What goes out: struct literals with the user's own
//! words in them, under `cfg(rust_analyzer)`, so that an editor shows what a key is for, offers the keys that are left and
//! goes to where they are documented. The compiler gets none of it.

use std::ffi::OsString;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Data, DeriveInput, Expr, Meta, Path, Token};

use crate::keys::{bare, skip_to_comma};

/// What a value becomes: given the path of the core, the key and the value.
pub(crate) type Lower = fn(&Path, &str, Expr) -> TokenStream;

/// The attributes of a derive, with the structs that have their keys.
#[derive(Clone, Copy)]
pub(crate) struct Attributes {
    /// On the item itself: the attribute and the struct.
    pub(crate) outer: (&'static str, &'static str),
    /// On a field or a variant.
    pub(crate) inner: (&'static str, &'static str),
}

/// A key as far as it is written.
struct Entry {
    key: Ident,
    value: Option<Expr>,
}

/// The keys of an attribute macro.
pub(crate) fn of_attribute(name: &str, tokens: TokenStream, lower: Lower) -> TokenStream {
    let entries = read(tokens);
    let krate = core(&entries);
    let literals: Vec<TokenStream> = literal(&krate, name, entries, lower).into_iter().collect();
    block(&literals)
}

/// The keys of the attributes of a derive.
pub(crate) fn of_derive(item: &DeriveInput, attributes: Attributes) -> TokenStream {
    let outer = read_all(attributes.outer.0, &item.attrs);
    let krate = core(&outer);
    let inside: Vec<&[Attribute]> = match &item.data {
        Data::Struct(data) => data.fields.iter().map(|field| field.attrs.as_slice()).collect(),
        Data::Enum(data) => data.variants.iter().map(|variant| variant.attrs.as_slice()).collect(),
        Data::Union(_) => Vec::new(),
    };
    let mut literals: Vec<TokenStream> = literal(&krate, attributes.outer.1, outer, as_written).into_iter().collect();
    for entries in inside.into_iter().map(|attrs| read_all(attributes.inner.0, attrs)) {
        literals.extend(literal(&krate, attributes.inner.1, entries, as_written));
    }
    block(&literals)
}

/// The value as it stands there.
pub(crate) fn as_written(krate: &Path, _key: &str, value: Expr) -> TokenStream {
    quote!(#krate::keys::given(#value))
}

// const _: () = {
//     #[cfg(rust_analyzer)]
//     fn keys() { let _ = ::trainer_core::keys::TrainerKeys { collator: …, ..::core::default::Default::default() }; }
// };
fn block(literals: &[TokenStream]) -> TokenStream {
    if literals.is_empty() || !is_wanted(std::env::args_os()) {
        return TokenStream::new();
    }
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            #[allow(unused, unused_qualifications, clippy::all, clippy::pedantic)]
            fn keys() {
                #(let _ = #literals;)*
            }
        };
    }
}

/// Whether someone may look: everyone but a compiler that is not told to be an editor's.
fn is_wanted(arguments: impl Iterator<Item = OsString>) -> bool {
    let (mut is_compiler, mut is_editor) = (false, false);
    for argument in arguments {
        is_compiler |= argument == "--crate-name";
        is_editor |= argument.to_str().is_some_and(|argument| argument.contains("rust_analyzer"));
    }
    is_editor || !is_compiler
}

/// `::trainer_core::keys::TrainerKeys { collator: …, …, ..::core::default::Default::default() }`, if there is a key.
fn literal(krate: &Path, name: &str, entries: Vec<Entry>, lower: Lower) -> Option<TokenStream> {
    let mut seen: Vec<String> = vec!["crate".to_owned()];
    let mut fields = Vec::new();
    for Entry { key, value } in entries {
        let written = key.unraw().to_string();
        if !seen.contains(&written) {
            fields.extend(field(krate, &key, value.map(|value| lower(krate, &written, value))));
            seen.push(written);
        }
    }
    let name = keys_of(name);
    (!fields.is_empty()).then(|| filled(&quote!(#krate::keys::#name), &fields))
}

/// `key: value`, where a key that stands alone has a value that says nothing.
///
/// A word of the language, such as `type`, is no field's name.
pub(crate) fn field(krate: &Path, key: &Ident, value: Option<TokenStream>) -> Option<TokenStream> {
    let key = syn::parse2::<Ident>(key.to_token_stream()).ok()?;
    let value = value.unwrap_or_else(|| quote!(#krate::keys::given(())));
    Some(quote!(#key: #value))
}

/// The struct with the keys of `name`: `TrainingArgsKeys` of `training_args`.
///
/// No type of the core is called as one of the user's or of the standard library may be: the compiler would write out the
/// path of both.
pub(crate) fn keys_of(name: &str) -> Ident {
    let mut written = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        written.extend(letters.next().into_iter().flat_map(char::to_uppercase).chain(letters));
    }
    format_ident!("{written}Keys")
}

/// A struct literal with these fields, and the others as they are when they are left out.
pub(crate) fn filled(path: &TokenStream, fields: &[TokenStream]) -> TokenStream {
    quote!(#path { #(#fields,)* ..::core::default::Default::default() })
}

fn core(entries: &[Entry]) -> Path {
    let written = entries.iter().find(|entry| entry.key == "crate").and_then(|entry| entry.value.as_ref());
    let path = written.and_then(|value| match value {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    });
    path.unwrap_or_else(|| syn::parse_quote!(::trainer_core))
}

fn read_all(name: &str, attributes: &[Attribute]) -> Vec<Entry> {
    let written = attributes.iter().filter(|written| written.path().is_ident(name));
    let lists = written.filter_map(|written| match &written.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        _ => None,
    });
    lists.flat_map(read).collect()
}

/// The keys of one attribute; what is no key is skipped, and a value that is not finished is none.
fn read(tokens: TokenStream) -> Vec<Entry> {
    let mut entries = Vec::new();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Ok(key) = input.call(Ident::parse_any) {
                let value = input.parse::<Token![=]>().and_then(|_| input.parse::<Expr>()).ok();
                entries.push(Entry { key, value: value.map(bare) });
            }
            skip_to_comma(input)?;
        }
        Ok(())
    };
    // What could be read until then is what there is to show.
    drop(read.parse2(tokens));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_compiler_without_the_flag_gets_nothing() {
        let wanted = |line: &str| is_wanted(line.split(' ').map(OsString::from));
        assert!(!wanted("rustc --crate-name demo --edition=2024 src/lib.rs"));
        assert!(wanted("rustc --crate-name demo --cfg rust_analyzer src/lib.rs"));
        assert!(wanted("rust-analyzer-proc-macro-srv"));
    }
}
