//! The type that stands for a metric.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::check::Plan;
use crate::diagnostics::{checked, ends, of_this_version, through_trait, unseen};
use crate::function::{Function, beside};

// #[doc(hidden)] struct within_one {}
// impl ::trainer_core::metrics::MetricFunction for within_one {
//     const NAME: &'static str = "within_one";
//     const GREATER_IS_BETTER: bool = true;
//     const NEEDS: Needs = Needs::NOTHING.and(<Predictions<'_, Rating> as MetricArgument<'_>>::NEEDS)…;
//     const LABELS: Option<LabelSet> = first_labels(&[<Predictions<'_, Rating> as MetricArgument<'_>>::LABELS, …]);
//     const GIVES_SEVERAL: bool = !Returned::<f64>::IS_ONE;
//     fn compute(kept: &Kept) -> Result<Vec<MetricValue>> {
//         <f64 as MetricReturn>::values(within_one(<Predictions<'_, Rating> as MetricArgument<'_>>::view(kept)?, …), Self::NAME)
//     }
// }
pub(super) fn metric_function(plan: &Plan) -> TokenStream {
    let Plan { krate, name, greater_is_better, function, .. } = plan;
    let Function { ident, arguments, output, .. } = function;
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
    let (agreement, value) = (agreement(plan), value(plan));
    let several = output.as_ref().map(|output| {
        quote! {
            const GIVES_SEVERAL: ::core::primitive::bool = {
                #[allow(unused_imports)]
                use #krate::metrics::IsAValue as _;
                !#krate::metrics::Returned::<#output>::IS_ONE
            };
        }
    });
    let version = of_this_version(krate, ident);
    let told = quote! {
        #version

        #[automatically_derived]
        impl #krate::metrics::MetricFunction for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const GREATER_IS_BETTER: ::core::primitive::bool = #greater_is_better;
            const NEEDS: #krate::metrics::Needs = #krate::metrics::Needs::NOTHING #(.and(#needs))*;
            const LABELS: ::core::option::Option<#krate::data::LabelSet> =
                #krate::metrics::first_labels(&[#(#labels),*]);
            #several

            fn compute(
                #kept: &#krate::metrics::Kept,
            ) -> #krate::Result<::std::vec::Vec<#krate::metrics::MetricValue>> {
                #body
            }
        }

        #agreement
        #value
    };
    beside(function, &plan.core.around(told))
}

// const _: () = accept({
//     use ::trainer_core::metrics::IsAValue as _;
//     metric_returns_a_value("within_one", Returned::<f64>::INSTEAD)
// });
fn value(plan: &Plan) -> TokenStream {
    let Plan { krate, function, .. } = plan;
    let (name, output) = (function.name(), function.output.as_ref());
    output.map_or_else(TokenStream::new, |output| {
        let verdict = quote!({
            #[allow(unused_imports)]
            use #krate::metrics::IsAValue as _;
            #krate::metrics::metric_returns_a_value(#name, #krate::metrics::Returned::<#output>::INSTEAD)
        });
        checked(krate, output, verdict)
    })
}

// const _: () = accept(arguments_speak_of_the_same_classes("within_one", <within_one as …>::LABELS, <Labels<…> as …>::LABELS));
fn agreement(plan: &Plan) -> TokenStream {
    let Plan { krate, function, .. } = plan;
    let Function { ident, arguments, .. } = function;
    let name = function.name();
    let checks = arguments.iter().skip(1).map(|argument| {
        let labels = through_trait(argument, quote!(#krate::metrics::MetricArgument<'_>), "LABELS");
        let first = quote!(<#ident as #krate::metrics::MetricFunction>::LABELS);
        let rule = quote!(#krate::train::checks::arguments_speak_of_the_same_classes);
        checked(krate, argument, quote!(#rule(#name, #first, #labels)))
    });
    quote!(#(#checks)*)
}

/// An implementation for a function with mistakes, so that what uses it is not reported too.
pub(super) fn stand_in(plan: &Plan) -> TokenStream {
    let Plan { krate, name, greater_is_better, function, .. } = plan;
    let ident = &function.ident;
    let told = quote! {
        #[automatically_derived]
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
    };
    beside(function, &plan.core.around(told))
}
