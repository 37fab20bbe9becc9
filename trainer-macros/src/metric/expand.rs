//! The type that stands for a metric.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::check::Plan;
use crate::diagnostics::{checked, ends, of_this_version, through_trait, unseen};
use crate::function::{Function, type_beside};

// #[doc(hidden)] struct within_one {}
// impl ::trainer_core::metrics::MetricFunction for within_one {
//     const NAME: &'static str = "within_one";
//     const GREATER_IS_BETTER: bool = true;
//     const NEEDS: Needs = Needs::NOTHING.and(<Predictions<'_, Rating> as MetricArgument<'_>>::NEEDS)…;
//     const LABELS: Option<LabelSet> = first_labels(&[<Predictions<'_, Rating> as MetricArgument<'_>>::LABELS, …]);
//     fn compute(kept: &Kept) -> Result<Vec<MetricValue>> {
//         <f64 as MetricReturn>::values(within_one(<Predictions<'_, Rating> as MetricArgument<'_>>::view(kept)?, …), Self::NAME)
//     }
// }
pub(super) fn metric_function(plan: &Plan) -> TokenStream {
    let Plan { krate, name, greater_is_better, function } = plan;
    let Function { ident, arguments, conditions, output, .. } = function;
    let asked = || quote!(#krate::metrics::MetricArgument<'_>);
    let needs = arguments.iter().map(|argument| through_trait(argument, asked(), "NEEDS"));
    let labels = arguments.iter().map(|argument| through_trait(argument, asked(), "LABELS"));
    let kept = unseen("kept");
    let views = arguments.iter().map(|argument| {
        let (_, end) = ends(argument);
        let view = through_trait(argument, asked(), "view");
        quote_spanned!(end=> #view(#kept)?)
    });
    let call = quote!(#ident(#(#views),*));
    let body = output.as_ref().map(|output| {
        let (_, end) = ends(output);
        let values = through_trait(output, quote!(#krate::metrics::MetricReturn), "values");
        quote_spanned!(end=> #values(#call, Self::NAME))
    });
    let beside = type_beside(function);
    let agreement = agreement(plan);
    let version = of_this_version(krate, ident);
    quote! {
        #version

        #beside

        #(#conditions)*
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::metrics::MetricFunction for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const GREATER_IS_BETTER: ::core::primitive::bool = #greater_is_better;
            const NEEDS: #krate::metrics::Needs = #krate::metrics::Needs::NOTHING #(.and(#needs))*;
            const LABELS: ::core::option::Option<#krate::data::LabelSet> =
                #krate::metrics::first_labels(&[#(#labels),*]);

            fn compute(
                #kept: &#krate::metrics::Kept,
            ) -> #krate::Result<::std::vec::Vec<#krate::metrics::MetricValue>> {
                #body
            }
        }

        #agreement
    }
}

// const _: () = accept(arguments_speak_of_the_same_classes("within_one", <within_one as …>::LABELS, <Labels<…> as …>::LABELS));
fn agreement(plan: &Plan) -> TokenStream {
    let Plan { krate, function, .. } = plan;
    let Function { ident, conditions, arguments, .. } = function;
    let name = function.name();
    let checks = arguments.iter().skip(1).map(|argument| {
        let labels = through_trait(argument, quote!(#krate::metrics::MetricArgument<'_>), "LABELS");
        let first = quote!(<#ident as #krate::metrics::MetricFunction>::LABELS);
        let rule = quote!(#krate::train::checks::arguments_speak_of_the_same_classes);
        let check = checked(krate, argument, quote!(#rule(#name, #first, #labels)));
        quote!(#(#conditions)* #check)
    });
    quote!(#(#checks)*)
}

/// An implementation for a function with mistakes, so that what uses it is not reported too.
pub(super) fn stand_in(plan: &Plan) -> TokenStream {
    let Plan { krate, name, greater_is_better, function } = plan;
    let Function { ident, conditions, .. } = function;
    let beside = type_beside(function);
    quote! {
        #beside

        #(#conditions)*
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::metrics::MetricFunction for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const GREATER_IS_BETTER: ::core::primitive::bool = #greater_is_better;
            const NEEDS: #krate::metrics::Needs = #krate::metrics::Needs::NOTHING;
            const LABELS: ::core::option::Option<#krate::data::LabelSet> = ::core::option::Option::None;

            fn compute(
                _kept: &#krate::metrics::Kept,
            ) -> #krate::Result<::std::vec::Vec<#krate::metrics::MetricValue>> {
                ::core::unreachable!()
            }
        }
    }
}
