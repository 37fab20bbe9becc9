//! The type that stands for a loss.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::check::Plan;
use crate::diagnostics::{ends, local, through_trait};
use crate::function::{Function, type_beside};

// #[doc(hidden)] pub struct name {}
// impl ::trainer_core::loss::LossFunction for name {
//     const NAME: &'static str = "name";
//     fn loss(output: &Output, batch: &Batch) -> Result<LossSum> { … name(output, batch) … }
// }
pub(super) fn loss_function(plan: &Plan, is_sound: bool) -> TokenStream {
    let Plan { krate, function, types } = plan;
    let Function { ident, conditions, .. } = function;
    let name = function.name();
    let body = match types {
        Some([output, batch, returned]) if is_sound => {
            let output = through_trait(output, quote!(#krate::loss::LossOutput<'_>), "argument");
            let batch = through_trait(batch, quote!(#krate::loss::LossBatch<'_>), "argument");
            let (_, end) = ends(returned);
            let sum = through_trait(returned, quote!(#krate::loss::LossReturn), "sum");
            let (of_model, of_data) = (local("output"), local("batch"));
            quote_spanned!(end=> #sum(#ident(#output(#of_model), #batch(#of_data))))
        }
        // The function is at fault, and that is reported: nothing that uses it needs to be reported too.
        _ => quote!(::core::unreachable!()),
    };
    let beside = type_beside(function);
    quote! {
        #beside

        #(#conditions)*
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #krate::loss::LossFunction for #ident {
            const NAME: &'static str = #name;

            #[allow(unused_variables)]
            fn loss(
                output: &#krate::model::Output,
                batch: &#krate::collate::Batch,
            ) -> #krate::Result<#krate::loss::LossSum> {
                #body
            }
        }
    }
}
