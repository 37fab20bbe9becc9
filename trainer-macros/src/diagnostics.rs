//! Errors are collected, not thrown: every mistake of an item is reported in one go, each at the token to change.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

pub(crate) use crate::inspect::nearest;

/// The mistakes found in one item.
#[derive(Default)]
pub(crate) struct Errors {
    found: Option<syn::Error>,
}

impl Errors {
    /// Notes a mistake at `span`: the first line says what is wrong, the help what to write.
    pub(crate) fn add(&mut self, span: Span, message: impl AsRef<str>, help: impl AsRef<str>) {
        let help = help.as_ref();
        let text = match help {
            "" => message.as_ref().to_owned(),
            help => format!("{}\nhelp: {help}", message.as_ref()),
        };
        self.push(syn::Error::new(span, text));
    }

    /// Notes a mistake that covers all of `tokens`.
    pub(crate) fn add_spanned(&mut self, tokens: impl ToTokens, message: impl AsRef<str>, help: impl AsRef<str>) {
        let help = help.as_ref();
        let text = match help {
            "" => message.as_ref().to_owned(),
            help => format!("{}\nhelp: {help}", message.as_ref()),
        };
        self.push(syn::Error::new_spanned(tokens.into_token_stream(), text));
    }

    /// Notes a mistake that the parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_none()
    }

    /// How many mistakes were found so far.
    pub(crate) fn len(&self) -> usize {
        self.found.iter().flatten().count()
    }

    /// One `compile_error!` for each mistake; no tokens if there was none.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.found.map_or_else(TokenStream::new, syn::Error::into_compile_error)
    }
}

/// The same tokens, all spanned at `span`, so that the compiler points there.
///
/// But for `self`: it means the `self` of the function around it only where both come from the same place.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut tree| {
            if let TokenTree::Group(group) = &tree {
                let mut inner = proc_macro2::Group::new(group.delimiter(), respan(group.stream(), span));
                inner.set_span(span);
                tree = inner.into();
            }
            if !matches!(&tree, TokenTree::Ident(name) if name == "self") {
                tree.set_span(span);
            }
            tree
        })
        .collect()
}

/// The spans of the first and the last of the tokens.
///
/// What the compiler sees from the first to the last is underlined as a whole, which no single span can say on stable.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// `<ty as asked>::item`, underlined as the whole of `ty` wherever the compiler finds fault with it.
pub(crate) fn through_trait(ty: &impl ToTokens, asked: TokenStream, item: &str) -> TokenStream {
    let (start, end) = ends(ty);
    let (asked, item) = (respan(asked, end), Ident::new(item, end));
    let mut path = quote_spanned!(start=> <#ty);
    path.extend(quote_spanned!(end=> as #asked>::#item));
    path
}

/// `<ty as asked<of>>::item`, as [`through_trait`]; `of` keeps its spans.
pub(crate) fn through_trait_of(ty: &impl ToTokens, asked: TokenStream, of: &TokenStream, item: &str) -> TokenStream {
    let (start, end) = ends(ty);
    let (asked, item) = (respan(asked, end), Ident::new(item, end));
    let mut path = quote_spanned!(start=> <#ty);
    path.extend(quote_spanned!(end=> as #asked<#of>>::#item));
    path
}

/// The tokens at the last name of the type: `Dataset` of `trainer_core::data::Dataset<Review>`.
///
/// A name, unlike a type, is one token: what the compiler has to say of any of the tokens it says at the same place, and
/// so only once.
pub(crate) fn at(ty: &syn::Type, tokens: TokenStream) -> TokenStream {
    respan(tokens, last_name(ty))
}

/// The type itself, at its last name; its names still mean what they mean where they were written.
pub(crate) fn relocated(ty: &syn::Type) -> TokenStream {
    relocate(ty.to_token_stream(), last_name(ty))
}

fn relocate(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut tree| {
            let span = tree.span().located_at(place);
            if let TokenTree::Group(group) = &tree {
                tree = proc_macro2::Group::new(group.delimiter(), relocate(group.stream(), place)).into();
            }
            tree.set_span(span);
            tree
        })
        .collect()
}

/// Where [`at`] puts tokens.
pub(crate) fn last_name(ty: &syn::Type) -> Span {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span()),
        syn::Type::Group(group) => last_name(&group.elem),
        other => ends(other).0,
    }
}

/// `Some(value)` or `None`.
pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    value.map_or_else(|| quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}

/// A variable of the generated function, which it is only with the span of the function itself.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// A variable of the generated function that nothing of the user's can mean, such as a function of the same name.
pub(crate) fn unseen(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Has the compiler run a rule of the core, which refuses at `tokens`.
// const _: () = ::trainer_core::train::checks::accept(verdict);
pub(crate) fn checked(krate: &syn::Path, tokens: &impl ToTokens, verdict: TokenStream) -> TokenStream {
    let (start, end) = ends(tokens);
    let mut call = respan(quote!(#krate::train::checks::accept), start);
    call.extend(quote_spanned!(end=> (#verdict)));
    quote! {
        #[allow(unused_qualifications, clippy::restriction)]
        const _: () = #call;
    }
}

/// Has the core say whether these macros are those of its version, at the name of the item.
// const _: () = ::trainer_core::train::checks::accept(::trainer_core::version::macros_are("0.1.0"));
pub(crate) fn of_this_version(krate: &syn::Path, item: &Ident) -> TokenStream {
    let version = env!("CARGO_PKG_VERSION");
    checked(krate, item, quote!(#krate::version::macros_are(#version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_across_a_swap_and_a_missing_letter() {
        let known = ["learning_rate", "weight_decay", "warmup_steps"];
        assert_eq!(nearest("learning_rat", known), Some("learning_rate"));
        assert_eq!(nearest("wieght_decay", known), Some("weight_decay"));
        assert_eq!(nearest("temperature", known), None);
    }
}
