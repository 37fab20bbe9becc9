//! That the arguments go with the trainer that takes them, for the compiler to find out: each rule at the value to change.
//!
//! The derive does not know the trainer, and `#[trainer]` does not know where the values are written. So the derive makes
//! generic constants, and `#[trainer]` asks for them with its own type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::check::Plan;
use super::names::{AGREEMENTS, Agreement};
use super::rules::{Extent, Given, given, together, unknown};
use crate::diagnostics::respan;

/// ```ignore
/// pub struct metric_for_best_model<P> { … }                                                         // all at "f2"
/// impl<P: Surrounded> metric_for_best_model<P> {
///     const is_given_by_a_metric: () = accept(best_metric_is_computed(&FACTS, &P::SURROUNDINGS));
/// }
///
/// pub struct WithTrainer<P> { … }
/// impl<P: Surrounded> Agrees for WithTrainer<P> {
///     const METRIC_FOR_BEST_MODEL: () = metric_for_best_model::<P>::is_given_by_a_metric;         // at the name of the struct
/// }
/// ```
///
/// The compiler says the names of the struct and the constant: they are chosen to be read. The other names begin with
/// `__`, and no struct is a value too: what the user calls things stands in the same block.
pub(super) fn agreements(plan: &Plan) -> TokenStream {
    let core = &plan.core;
    let (given, unknown) = (given(plan), unknown(plan));
    let (mut items, mut constants) = (TokenStream::new(), TokenStream::new());
    for agreement in AGREEMENTS {
        let mut about = agreement.at.iter().chain(agreement.about);
        let written = agreement
            .at
            .iter()
            .find_map(|name| given.iter().find(|given| given.known.name == *name && !given.is_none()));
        if let (Some(written), false) = (written, about.any(|name| unknown.contains(name))) {
            items.extend(item(plan, agreement, written, &given));
            constants.extend(constant(plan, agreement, written));
        }
    }
    quote! {
        #items

        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        pub struct __WithTrainer<__P> {
            of: ::core::marker::PhantomData<__P>,
        }

        #[automatically_derived]
        impl<__P: #core::args::Surrounded> #core::args::Agrees for __WithTrainer<__P> {
            #constants
        }
    }
}

fn item(plan: &Plan, agreement: &Agreement, written: &Given<'_>, given: &[Given<'_>]) -> TokenStream {
    let (core, ident, extent) = (&plan.core, &plan.ident, Extent::of(written.value));
    let (name, asks, rule) = (
        format_ident!("{}", written.known.name),
        format_ident!("{}", agreement.asks),
        format_ident!("{}", agreement.rule),
    );
    let facts = quote!(&<#ident as #core::args::TrainingArgs>::FACTS);
    let verdict = quote!(#core::args::rules::#rule(#facts, &<__P as #core::args::Surrounded>::SURROUNDINGS));
    let about: Vec<&str> = agreement.at.iter().chain(agreement.about).copied().collect();
    let call = extent.call(quote!(#core::args::rules::accept), together(core, given, &about, &verdict));
    let start = quote! {
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        pub struct #name<__P> {
            of: ::core::marker::PhantomData<__P>,
        }
    };
    let generics = respan(quote!(<__P: #core::args::Surrounded>), extent.first);
    let (start, constant) = (respan(start, extent.first), respan(quote!(const #asks: () =), extent.first));
    let owner = respan(quote!(#name<__P>), extent.first);
    quote! {
        #start
        #[allow(non_upper_case_globals)]
        impl #generics #owner { #constant #call; }
    }
}

/// The compiler names the place of this constant too, in a note: that of the struct says whose arguments these are.
fn constant(plan: &Plan, agreement: &Agreement, written: &Given<'_>) -> TokenStream {
    let (constant, asks) = (format_ident!("{}", agreement.constant), format_ident!("{}", agreement.asks));
    let name = format_ident!("{}", written.known.name);
    respan(quote!(const #constant: () = #name::<__P>::#asks;), plan.ident.span())
}
