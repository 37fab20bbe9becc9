//! The type that stands for a loss.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::check::Plan;
use crate::diagnostics::{ends, of_this_version, through_trait, unseen};
use crate::function::beside;

// #[doc(hidden)] pub struct name {}
// impl ::trainer_core::loss::LossFunction for name {
//     const NAME: &'static str = "name";
//     fn loss(output: &Output, batch: &Batch) -> Result<LossSum> { … name(output, batch) … }
// }
pub(super) fn loss_function(plan: &Plan, is_sound: bool) -> TokenStream {
    let Plan { krate, function, types, .. } = plan;
    let ident = &function.ident;
    let name = function.name();
    let (of_model, of_data) = (unseen("output"), unseen("batch"));
    let body = match types {
        Some([output, batch, returned]) if is_sound => {
            let output = through_trait(output, quote!(#krate::loss::LossOutput<'_>), "argument");
            let batch = through_trait(batch, quote!(#krate::loss::LossBatch<'_>), "argument");
            let (_, end) = ends(returned);
            let sum = through_trait(returned, quote!(#krate::loss::LossReturn), "sum");
            quote_spanned!(end=> #sum(#ident(#output(#of_model), #batch(#of_data))))
        }
        // The function is at fault, and that is reported: nothing that uses it needs to be reported too.
        _ => quote!(::core::unreachable!()),
    };
    let version = of_this_version(krate, ident);
    let told = quote! {
        #version

        #[automatically_derived]
        impl #krate::loss::LossFunction for #ident {
            const NAME: &'static ::core::primitive::str = #name;

            #[allow(unused_variables)]
            fn loss(
                #of_model: &#krate::model::Output,
                #of_data: &#krate::collate::Batch,
            ) -> #krate::Result<#krate::loss::LossSum> {
                #body
            }
        }
    };
    beside(function, &plan.core.around(told))
}
